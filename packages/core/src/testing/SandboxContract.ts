/**
 * What every sandbox must do, as tests: an adapter that passes this suite may run attempts.
 *
 * The image needs `python3` and `sh`. Nothing here knows how a sandbox isolates; what only some can do is asked for by
 * `capabilities`.
 */
import { assert, describe, layer, type Vitest } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Sandbox, type SlotRun } from "../ports/Sandbox.ts"
import { collect, eventually, helpers, type Helpers, type Options, path, printed, python } from "./sandbox/helpers.ts"
import { resets } from "./sandbox/resets.ts"

export { eventually, helpers, openSlot, type Options, python } from "./sandbox/helpers.ts"

const linesOf = (run: SlotRun) =>
  run.output.pipe(Stream.map(({ bytes }) => bytes), Stream.decodeText(), Stream.splitLines)

type Methods = Vitest.MethodsNonLive<Sandbox>

const starting = (it: Methods, { begin, execute, options }: Helpers) => {
  it.effect("is fetching nothing once its slot is there, and tells what its image sets as variables", () =>
    Effect.gen(function*() {
      const { pulling } = yield* Sandbox
      const { slot } = yield* begin(["/bin/true"])
      assert.isNull(yield* pulling(options.image))
      if (slot.digest !== null) assert.match(slot.digest, /^\S+$/)
      for (const name of Object.keys(slot.environment)) assert.match(name, /^[^=\0]+$/)
    }).pipe(Effect.scoped))

  it.effect("reports the exit status", () =>
    Effect.gen(function*() {
      const { exit } = yield* execute(["sh", "-c", "exit 7"])
      assert.deepStrictEqual({ ...exit, peakMemoryBytes: 0, cpuMicros: 0 }, {
        code: 7,
        signal: null,
        reason: "exited",
        oomKilled: false,
        peakMemoryBytes: 0,
        cpuMicros: 0
      })
    }))

  it.effect("reports the signal that ended the script, leaving 128 + n to the caller", () =>
    Effect.gen(function*() {
      const { exit } = yield* execute(["sh", "-c", "kill -TERM $$"])
      assert.strictEqual(exit.code, null)
      assert.strictEqual(exit.signal, 15)
      assert.strictEqual((yield* execute(["sh", "-c", "exit 143"])).exit.code, 143)
    }))

  it.effect("passes arguments, environment and working directory as they are", () =>
    Effect.gen(function*() {
      const source = "import json,os,sys;print(json.dumps([sys.argv[1:],dict(os.environ),os.getcwd()]))"
      const args = ["", "two words", "näïve ☃ 𝄞", "$HOME;`id`", "a\nb"]
      const env = { PATH: path, LC_ALL: "C.UTF-8", EMPTY: "", ODD: "a=b ☃\n" }
      const { slot, stdout } = yield* execute(python(source, ...args), { env })
      const [seenArgs, seenEnv, cwd]: [Array<string>, Record<string, string>, string] = JSON.parse(printed({ stdout }))
      assert.deepStrictEqual(seenArgs, args)
      assert.deepStrictEqual(seenEnv, env)
      assert.strictEqual(cwd, options.workdir ?? slot.workspace)
    }))

  it.effect("passes a megabyte of environment", () =>
    Effect.gen(function*() {
      const env = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`V${i}`, "x".repeat(100_000)]))
      const { stdout } = yield* execute(python("import os;print(sum(map(len,os.environ.values())))"), {
        env: { ...env, PATH: path, LC_ALL: "C" }
      })
      assert.strictEqual(printed({ stdout }).trim(), String(1_000_000 + path.length + 1))
    }))

  it.effect("refuses a program that does not exist", () =>
    Effect.gen(function*() {
      for (const program of ["no-such-program", "/no/such/program", "./missing"]) {
        const { reason } = yield* Effect.flip(execute([program]))
        assert.deepInclude({ ...reason }, { _tag: "StartRefused", program, code: "ENOENT" })
      }
    }))

  it.effect("refuses a file that may not be executed", () =>
    Effect.gen(function*() {
      const fill = (workspace: string) => writeFile(join(workspace, "plain"), "x", { mode: 0o644 })
      const { reason } = yield* Effect.flip(execute(["./plain"], { fill }))
      assert.deepInclude({ ...reason }, { _tag: "StartRefused", program: "./plain", code: "EACCES" })
    }))
}

const streams = (it: Methods, { begin, execute }: Helpers) => {
  it.effect("gives an empty stdin unless there is one", () =>
    Effect.gen(function*() {
      assert.strictEqual(printed(yield* execute(["sh", "-c", "cat; echo end"])), "end\n")
    }))

  it.effect("delivers stdin byte for byte, far beyond any buffer", () =>
    Effect.gen(function*() {
      const piece = new Uint8Array(100_000).map((_, i) => i % 251)
      const stdin = Stream.fromIterable(Array.from({ length: 50 }, () => piece))
      const source = "import hashlib,sys;print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"
      const expected = yield* Effect.promise(async () => {
        const { createHash } = await import("node:crypto")
        const hash = createHash("sha256")
        for (let i = 0; i < 50; i++) hash.update(piece)
        return hash.digest("hex")
      })
      assert.strictEqual(printed(yield* execute(python(source), { stdin })).trim(), expected)
    }))

  it.effect("does not wait for stdin that the script never reads", () =>
    Effect.gen(function*() {
      const stdin = Stream.fromIterable(Array.from({ length: 100 }, () => new Uint8Array(100_000)))
      assert.strictEqual((yield* execute(["true"], { stdin })).exit.code, 0)
      assert.strictEqual((yield* execute(["sh", "-c", "exec <&-; sleep 0.2; exit 3"], { stdin })).exit.code, 3)
    }))

  it.effect("answers on stdout while stdin stays open", () =>
    Effect.gen(function*() {
      const stdin = Stream.concat(Stream.make(Buffer.from("hello\n")), Stream.never)
      const { run } = yield* begin(["sh", "-c", "read line; echo got $line"], { stdin })
      assert.strictEqual((yield* collect(run)).stdout.toString(), "got hello\n")
    }))

  it.effect("lets the script open its own streams by name", () =>
    Effect.gen(function*() {
      const source = "open('/dev/stdout','w').write('out'); open('/dev/stderr','w').write('err'); open('/dev/stdin')"
      const { stderr, stdout } = yield* execute(python(source))
      assert.strictEqual(stdout.toString(), "out")
      assert.strictEqual(stderr.toString(), "err")
    }))

  it.effect("keeps stdout and stderr apart, each byte once, zero bytes included", () =>
    Effect.gen(function*() {
      const source = "import os\nfor i in range(1000):\n os.write(1,bytes(range(256)));os.write(2,bytes([i%256,0,10]))"
      const { stderr, stdout } = yield* execute(python(source))
      assert.isTrue(stdout.equals(Buffer.from(Array.from({ length: 256_000 }, (_, i) => i % 256))))
      assert.isTrue(stderr.equals(Buffer.from(Array.from({ length: 1000 }, (_, i) => [i % 256, 0, 10]).flat())))
    }))

  it.effect("carries 50 MB to a slow reader without losing a byte", () =>
    Effect.gen(function*() {
      const source = "import os\nb=bytes(range(250))*2000\nfor _ in range(100): os.write(1,b)"
      const { run } = yield* begin(python(source))
      yield* Effect.sleep("300 millis")
      let total = 0
      yield* Stream.runForEach(run.output, ({ bytes }) =>
        Effect.sync(() => {
          for (let i = 0; i < bytes.length; i += 997) assert.strictEqual(bytes[i], (total + i) % 250)
          total += bytes.length
        }))
      assert.strictEqual(total, 50_000_000)
      assert.strictEqual((yield* run.exit).code, 0)
    }), 60_000)

  it.effect("pauses a script that nobody reads", () =>
    Effect.gen(function*() {
      const source = "import os\nn=0\nwhile n<100_000_000:\n n+=os.write(1,b'x'*65536)\n open('n','w').write(str(n))"
      const { run, slot } = yield* begin(python(source))
      const written = () => readFile(join(slot.workspace, "n"), "utf8").then(Number, () => 0)
      yield* Effect.sleep("1 second")
      const before = yield* Effect.promise(written)
      yield* Effect.sleep("500 millis")
      assert.strictEqual(yield* Effect.promise(written), before)
      assert.isBelow(before, 50_000_000)
      yield* run.signal(9)
      yield* Stream.runDrain(run.output)
      assert.strictEqual((yield* run.exit).signal, 9)
    }), 30_000)

  it.effect("gives the same exit to all who ask", () =>
    Effect.gen(function*() {
      const { run } = yield* begin(["true"])
      yield* Stream.runDrain(run.output)
      assert.strictEqual(yield* run.exit, yield* run.exit)
    }))
}

const ending = (it: Methods, { begin, execute }: Helpers) => {
  it.effect("does not wait for processes left behind that hold the output", () =>
    Effect.gen(function*() {
      const [lasted, { exit, stdout }] = yield* Effect.timed(
        execute(["sh", "-c", "(setsid sh -c 'trap \"\" TERM HUP; sleep 300' &) ; echo done; exit 4"])
      )
      assert.strictEqual(exit.code, 4)
      assert.strictEqual(stdout.toString(), "done\n")
      assert.isBelow(Duration.toSeconds(lasted), 30)
    }), 60_000)

  it.effect("sends TERM, which a script may ignore, and then 9, which takes the whole tree", () =>
    Effect.gen(function*() {
      const source = "trap 'echo caught' TERM; (trap '' TERM; sleep 300) & echo ready; while :; do sleep 0.05; done"
      const { run } = yield* begin(["sh", "-c", source])
      const seen: Array<string> = []
      yield* Stream.runForEach(linesOf(run), (line) => {
        seen.push(line)
        return line === "ready" ? run.signal(15) : line === "caught" ? run.signal(9) : Effect.void
      })
      assert.includeMembers(seen, ["ready", "caught"])
      assert.strictEqual((yield* run.exit).signal, 9)
      yield* run.signal(9)
    }))

  it.effect("kills everything at the deadline and says so", () =>
    Effect.gen(function*() {
      const { exit } = yield* execute(["sh", "-c", "trap '' TERM; sleep 300 & sleep 300"], {
        deadline: Duration.millis(300)
      })
      assert.deepInclude(exit, { code: null, signal: 9, reason: "deadline" })
    }))

  it.effect("lives on when the deadline is moved", () =>
    Effect.gen(function*() {
      const { run } = yield* begin(["sh", "-c", "sleep 0.8; echo alive"], { deadline: Duration.millis(500) })
      yield* run.extend(Duration.seconds(30))
      assert.strictEqual((yield* collect(run)).stdout.toString(), "alive\n")
      assert.strictEqual((yield* run.exit).reason, "exited")
    }))

  it.effect("shows the files the script wrote, after its exit, and lets it change those it was given", () =>
    Effect.gen(function*() {
      const fill = (workspace: string) => writeFile(join(workspace, "given"), "1", { mode: 0o644 })
      const { exit, slot } = yield* execute(["sh", "-c", "mkdir a && echo -n ü > a/b && echo -n 2 >> given"], { fill })
      assert.strictEqual(exit.code, 0)
      const read = (name: string) => Effect.promise(() => readFile(join(slot.workspace, name), "utf8"))
      assert.strictEqual(yield* read("a/b"), "ü")
      assert.strictEqual(yield* read("given"), "12")
    }))

  it.effect("tells what the script used", () =>
    Effect.gen(function*() {
      const { exit } = yield* execute(python("b=bytearray(60_000_000)\nfor _ in range(3_000_000): pass"))
      assert.isAbove(exit.peakMemoryBytes ?? 0, 50_000_000)
      assert.isAbove(exit.cpuMicros, 30_000)
    }))
}

const slots = (it: Methods, { begin }: Helpers) => {
  const stopsWriting = (beat: () => Promise<number>) => async (): Promise<boolean> => {
    const before = await beat()
    await new Promise((resolve) => setTimeout(resolve, 100))
    return await beat() === before
  }

  it.effect("kills everything when the run's scope closes", () =>
    Effect.gen(function*() {
      const sandboxScope = yield* Effect.scope
      const runScope = yield* Scope.fork(sandboxScope)
      const source = "(setsid sh -c 'trap \"\" TERM HUP; while :; do echo x >> beat; sleep 0.02; done' &); sleep 300"
      const { slot } = yield* begin(["sh", "-c", source]).pipe(Scope.provide(runScope))
      const beat = () => stat(join(slot.workspace, "beat")).then(({ size }) => size, () => 0)
      yield* eventually("the script writes", async () => await beat() > 10)
      yield* Scope.close(runScope, Exit.void)
      yield* eventually("nothing writes any more", stopsWriting(beat))
    }), 30_000)

  it.effect("removes the workspace when the slot's scope closes, also while a script runs", () =>
    Effect.gen(function*() {
      const workspace = yield* Effect.scoped(Effect.map(begin(["sleep", "300"]), ({ slot }) => slot.workspace))
      const gone = yield* Effect.promise(() => stat(workspace).then(() => false, () => true))
      assert.isTrue(gone)
    }), 30_000)

  it.effect("completes died only when the slot is gone", () =>
    Effect.gen(function*() {
      const { run, slot } = yield* begin(["sleep", "0.1"])
      const died = yield* Effect.forkChild(slot.died)
      yield* Stream.runDrain(run.output)
      yield* run.exit
      assert.isUndefined(died.pollUnsafe())
      yield* Fiber.interrupt(died)
    }))

  it.effect("runs several slots side by side, each with a workspace of its own", () =>
    Effect.gen(function*() {
      const write = (n: number) =>
        Effect.scoped(Effect.gen(function*() {
          const { run, slot } = yield* begin(["sh", "-c", `echo ${n} > me; ls | wc -l; cat me`])
          const { stdout } = yield* collect(run)
          return [slot.id, stdout.toString().replace(/\s+/g, " ").trim()] as const
        }))
      const all = yield* Effect.forEach([1, 2, 3, 4], write, { concurrency: 4 })
      assert.deepStrictEqual(all.map(([, text]) => text), ["1 1", "1 2", "1 3", "1 4"])
      assert.strictEqual(new Set(all.map(([id]) => id)).size, 4)
    }), 60_000)
}

/** A directory of the runner's with a file in it. */
const given = Effect.acquireRelease(
  Effect.promise(async () => {
    const source = await mkdtemp(join(tmpdir(), "rgrid-mount-"))
    await mkdir(join(source, "inner"))
    await writeFile(join(source, "given"), "from the runner")
    // Whoever the script's user is: what keeps it from writing is the mount.
    await chmod(join(source, "given"), 0o666)
    await chmod(source, 0o755)
    return source
  }),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

const mounts = (it: Methods, { execute, options }: Helpers) => {
  const workdir = options.workdir ?? "/work"
  const mounting = options.workdir !== undefined

  it.effect("shows a directory of the runner's beneath the workspace, and leaves it when the slot goes", () =>
    Effect.gen(function*() {
      const source = yield* given
      const mounts = [{ source, at: `${workdir}/deep/er`, writable: false }]
      const { stdout } = yield* Effect.scoped(execute(["sh", "-c", "cat deep/er/given; ls deep/er"], { mounts }))
      assert.strictEqual(printed({ stdout }), "from the runnergiven\ninner\n")
      assert.strictEqual(yield* Effect.promise(() => readFile(join(source, "given"), "utf8")), "from the runner")
    }).pipe(Effect.scoped))

  it.effect("keeps what a script writes to a writable one", () =>
    Effect.gen(function*() {
      const source = yield* given
      const seen = mounting ? "/.rgrid-layer" : source
      const mounts = [{ source, at: "/.rgrid-layer", writable: true }]
      const { exit } = yield* Effect.scoped(execute(["sh", "-c", `echo -n made > ${seen}/inner/new`], { mounts }))
      assert.strictEqual(exit.code, 0)
      assert.strictEqual(yield* Effect.promise(() => readFile(join(source, "inner/new"), "utf8")), "made")
    }).pipe(Effect.scoped))

  if (mounting) {
    it.effect("lets no script write to another", () =>
      Effect.gen(function*() {
        const source = yield* given
        const mounts = [{ source, at: "/.rgrid-layer", writable: false }]
        const { exit, stderr } = yield* execute(["sh", "-c", "echo x > /.rgrid-layer/given"], { mounts })
        assert.notStrictEqual(exit.code, 0)
        assert.include(stderr.toString(), "Read-only file system")
      }).pipe(Effect.scoped))
  }

  it.effect("tells what a program's dependencies are installed for, the same each time", () =>
    Effect.gen(function*() {
      const { identify } = yield* Sandbox
      const python = yield* identify(options.image, "python3")
      assert.include(["x64", "arm64"], python.arch)
      assert.match(python.digest, /^sha256:[0-9a-f]{64}$|Python 3\.\d+/)
      assert.deepStrictEqual(yield* identify(options.image, "python3"), python)
    }))
}

const enforced = (it: Methods, { execute, options }: Helpers) => {
  if (options.capabilities.memoryLimit) {
    it.effect("tells when the kernel killed for memory, whatever the exit status says", () =>
      Effect.gen(function*() {
        const limits = { memoryBytes: 64 * 1024 * 1024 }
        const direct = yield* execute(python("b=bytearray(500_000_000)"), { limits })
        assert.deepInclude(direct.exit, { signal: 9, oomKilled: true })
        const hidden = yield* execute(["sh", "-c", "python3 -c 'b=bytearray(500_000_000)'; exit 0"], { limits })
        assert.deepInclude(hidden.exit, { code: 0, oomKilled: true })
        const killed = yield* execute(["sh", "-c", "kill -9 $$"], { limits })
        assert.deepInclude(killed.exit, { signal: 9, oomKilled: false })
      }), 60_000)
  }
  if (options.capabilities.networkNone) {
    it.effect("has nothing but the loopback without a network", () =>
      Effect.gen(function*() {
        const { stdout } = yield* execute(["sh", "-c", "ls /sys/class/net"], { network: "none" })
        assert.strictEqual(stdout.toString().trim(), "lo")
      }))
  }
  if (options.capabilities.ownPidNamespace) {
    it.effect("sees no processes but its own", () =>
      Effect.gen(function*() {
        const { stdout } = yield* execute(python("import os;print(sum(p.isdigit() for p in os.listdir('/proc')))"))
        assert.strictEqual(stdout.toString().trim(), "2")
      }))
  }
  if (options.capabilities.pids) {
    it.effect("holds a fork bomb", () =>
      Effect.gen(function*() {
        const { exit } = yield* execute(["sh", "-c", "f() { f | f & }; f; sleep 300"], {
          limits: { pids: 64 },
          deadline: Duration.seconds(2)
        })
        assert.include(["deadline", "exited"], exit.reason)
      }), 30_000)
  }
}

/** Registers the suite. Every test makes slots of its own; the sandbox is shared. */
export const suite = (name: string, options: Options): void => {
  const bound = helpers(options)
  describe(`Sandbox: ${name}`, () => {
    layer(options.layer, { timeout: "60 seconds", excludeTestServices: true })((it) => {
      starting(it, bound)
      streams(it, bound)
      ending(it, bound)
      slots(it, bound)
      mounts(it, bound)
      enforced(it, bound)
      resets(it, bound)
    })
  })
}
