/** What a slot that is used again owes the next script: nothing of the last one, whatever that did. */
import { assert } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { chmod, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type Helpers, type Methods, printed, python } from "./helpers.ts"

/** Leaves all it can; `own`: also where only a slot of its own is cleared. Prints what it finds first. */
const litter = (own: boolean): string => `
import ctypes, os, subprocess, sys, time
libc = ctypes.CDLL(None, use_errno=True)
found = sorted(os.listdir('.'))
def places():
  for base in ['/tmp', '/dev/shm', '/dev/mqueue', '/var/tmp']:
    if os.path.isdir(base) and os.access(base, os.W_OK): yield base
def ipc():
  return sum(len(open('/proc/sysvipc/' + kind).readlines()) - 1 for kind in ['shm', 'sem', 'msg'])
if ${own ? "True" : "False"}:
  here = os.getcwd()
  found += [base + '/' + name for base in places() for name in os.listdir(base) if not here.startswith(base + '/')]
  found += ['ipc'] * ipc()
  found += [p for p in os.listdir('/proc') if p.isdigit() and p not in ('1', str(os.getpid()))]
found += [name for name in os.listxattr('.') if name.startswith('user.')]
print('found', found, flush=True)
os.makedirs('a/b/c'); open('a/b/c/d', 'w').write('x'); os.mkdir('closed'); open('closed/x', 'w'); os.chmod('closed', 0)
os.symlink('/etc', 'link'); os.mkfifo('fifo'); open(b'odd\\xff\\n name', 'w')
try: os.setxattr('.', 'user.left', b'1')
except OSError: pass
if ${own ? "True" : "False"}:
  for base in places():
    os.umask(0)
    if base == '/dev/mqueue':
      assert libc.mq_open(b'/left', os.O_CREAT | os.O_RDWR, 0, None) >= 0
      continue
    open(base + '/file', 'w').write('x'); os.symlink('/etc/passwd', base + '/link'); os.mkfifo(base + '/fifo')
    top = os.getcwd(); os.chdir(base)
    for _ in range(3000): os.mkdir('deep'); os.chdir('deep')
    open('bottom', 'w'); os.chdir(top)
    os.mkdir(base + '/shut'); open(base + '/shut/in', 'w'); os.mkdir(base + '/shut/er'); os.chmod(base + '/shut', 0)
    os.mkdir(base + '/.rgrid-0')
  for key in range(1, 4):
    assert libc.shmget(key, 4096, 0o1000) >= 0; assert libc.semget(key, 1, 0o1000) >= 0
    assert libc.msgget(key, 0o1000) >= 0
daemon = "import os,signal,time\\nfor s in (1,2,15): signal.signal(s, signal.SIG_IGN)\\nif os.fork(): os._exit(0)\\n" + \
  "os.setsid()\\nif os.fork(): os._exit(0)\\n" + \
  "while 1:\\n  os.write(1, b'late'); open('beat', 'a'); time.sleep(0.01)"
if not os.fork(): exec(daemon)
while not os.path.exists('beat'): time.sleep(0.01)
sys.stderr.close()
`

const found = (stdout: Buffer): string => stdout.toString().split("\n")[0] ?? ""

const clean = (it: Methods, { again, options }: Helpers) => {
  const own = options.capabilities.ownMemory

  it.effect("hides from each script what those before it in the slot left", () =>
    Effect.gen(function*() {
      const { next } = yield* again()
      for (let i = 0; i < 10; i++) {
        const { exit, stderr, stdout } = yield* next(python(litter(own)))
        assert.strictEqual(`${found(stdout)} ${exit.code} ${stderr.toString()}`, "found [] 0 ")
      }
    }), 60_000)

  it.effect("gives each script its own stdin, read or not, and its own output", () =>
    Effect.gen(function*() {
      const { next } = yield* again()
      const much = Stream.fromIterable(Array.from({ length: 20 }, () => new Uint8Array(100_000)))
      for (let i = 0; i < 10; i++) {
        yield* next(["sh", "-c", "head -c 10 > /dev/null"], { stdin: much })
        assert.strictEqual(printed(yield* next(["sh", "-c", "cat; echo end"])), "end\n")
        const all = yield* next(["wc", "-c"], { stdin: much })
        assert.strictEqual(printed(all).trim(), "2000000")
      }
    }), 60_000)

  it.effect("counts for each script what it alone used", () =>
    Effect.gen(function*() {
      const { next } = yield* again()
      yield* next(python("b=bytearray(200_000_000)\nfor _ in range(6_000_000): pass"))
      const { exit } = yield* next(["true"])
      assert.isBelow(exit.peakMemoryBytes ?? 0, 100_000_000)
      assert.isBelow(exit.cpuMicros, 100_000)
    }), 60_000)
}

const ends = (it: Methods, { again, start }: Helpers) => {
  it.effect("is used again after a program that could not be started", () =>
    Effect.gen(function*() {
      const { next } = yield* again()
      const fill = (workspace: string) => writeFile(join(workspace, "plain"), "x", { mode: 0o644 })
      for (const argv of [["./plain"], ["nowhere"]] as const) {
        assert.strictEqual((yield* Effect.flip(next(argv, { fill }))).reason._tag, "StartRefused")
        assert.strictEqual(printed(yield* next(["sh", "-c", "ls; echo there"])), "there\n")
      }
    }), 60_000)

  it.effect("is used again after a deadline or a kill, whose next script has its own", () =>
    Effect.gen(function*() {
      const { next, request, slot } = yield* again()
      const late = yield* next(["sh", "-c", "trap '' TERM; sleep 300"], { deadline: Duration.millis(200) })
      assert.deepInclude(late.exit, { reason: "deadline", signal: 9 })
      const session = yield* slot.open(request)
      const last = yield* Effect.scoped(Effect.gen(function*() {
        const run = yield* start(session, ["sleep", "300"])
        yield* run.signal(9)
        assert.strictEqual((yield* run.exit).signal, 9)
        return run
      }))
      yield* slot.reset
      // What is said to the last script does not reach the next.
      const { exit, stdout } = yield* next(["sh", "-c", "sleep 0.2; echo alive"]).pipe(
        Effect.tap(() => last.signal(9)),
        Effect.raceFirst(Effect.andThen(last.signal(9), Effect.never))
      )
      assert.strictEqual(`${stdout.toString()}${exit.code} ${exit.reason}`, "alive\n0 exited")
    }), 60_000)

  it.effect("is used again after a run's scope was closed on it, or when nothing ran", () =>
    Effect.gen(function*() {
      const { next, request, slot } = yield* again()
      const session = yield* slot.open(request)
      yield* Effect.scoped(start(session, ["sh", "-c", "(setsid sleep 300 &); yes"]))
      yield* slot.reset
      const unused = yield* slot.open(request)
      yield* Effect.promise(async () => {
        await writeFile(join(unused.workspace, "left"), "x")
        await chmod(unused.workspace, 0o700)
      })
      yield* slot.reset
      assert.strictEqual(printed(yield* next(["sh", "-c", "ls; stat -c %a ."])), "755\n")
    }), 60_000)
}

/** Registers the tests of `Slot.reset`. */
export const resets = (it: Methods, bound: Helpers): void => {
  clean(it, bound)
  ends(it, bound)
  if (!bound.options.capabilities.memoryLimit) return
  it.effect("tells of memory run out only the script it ran out for", () =>
    Effect.gen(function*() {
      const { next } = yield* bound.again({ limits: { memoryBytes: 64 * 1024 * 1024 } })
      assert.isTrue((yield* next(python("b=bytearray(500_000_000)"))).exit.oomKilled)
      assert.deepInclude((yield* next(["true"])).exit, { code: 0, oomKilled: false })
      // Memory that a script's files held is there again for the next.
      for (let i = 0; i < 3; i++) {
        const { exit } = yield* next(["sh", "-c", "head -c 40000000 /dev/zero > /dev/shm/a 2>/dev/null; true"])
        assert.deepInclude(exit, { code: 0, oomKilled: false })
      }
    }), 60_000)
}
