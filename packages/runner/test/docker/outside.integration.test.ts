/** What a script in a container sees of inputs outside its working directory. */
import { assert, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join, relative } from "node:path"
import { Sandbox } from "rgrid/ports/Sandbox"
import { python, openSlot } from "rgrid/testing/SandboxContract"
import { image, kinds, sandboxLayer } from "./fixture.ts"

interface Asked {
  readonly workdir: string
  readonly outside: ReadonlyArray<string>
  /** Files by their paths there. */
  readonly files: Readonly<Record<string, string>>
}

const put = async (slot: { readonly outside: ReadonlyMap<string, string> }, there: string, text: string) => {
  for (const [root, directory] of slot.outside) {
    if (!there.startsWith(`${root}/`)) continue
    const path = join(directory, relative(root, there))
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
}

const execute = Effect.fnUntraced(function*({ files, outside, workdir }: Asked, source: string) {
  const slot = yield* openSlot({ image, workdir, outside, limits: {}, network: "none" })
  assert.deepStrictEqual([...slot.outside.keys()], [...outside])
  yield* Effect.promise(async () => {
    await writeFile(join(slot.workspace, "own"), "own")
    for (const [there, text] of Object.entries(files)) await put(slot, there, text)
  })
  yield* slot.own
  const run = yield* slot.run({
    argv: python(source),
    env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
    deadline: Duration.seconds(60)
  })
  const output = yield* run.output.pipe(Stream.map(({ bytes }) => bytes), Stream.decodeText(), Stream.mkString)
  return { output, code: (yield* run.exit).code, slot }
}, Effect.scoped)

const read = (...paths: ReadonlyArray<string>): string =>
  `import os\nfor p in ${JSON.stringify(paths)}: print(open(p).read(), os.stat(p).st_uid == os.getuid())`

for (const kind of kinds) it.layer(sandboxLayer("outside", {}, kind), { excludeTestServices: true, timeout: "60 seconds" })(`outside, by ${kind.name}`, (it) => {
  it.effect("is at its own paths: beneath /tmp, in the home of root, elsewhere", () =>
    Effect.gen(function*() {
      const files = { "/tmp/x/y/in.csv": "tmp", "/root/data/deep/in.csv": "root", "/data/in.csv": "data" }
      const asked = { workdir: "/home/ann/project", outside: ["/data", "/root/data", "/tmp/x/y"], files }
      const ran = yield* execute(asked, read("own", ...Object.keys(files)))
      assert.strictEqual(ran.output, "own True\ntmp True\nroot True\ndata True\n")
    }), 60_000)

  it.effect("may be above the working directory, however that is named", () =>
    Effect.gen(function*() {
      for (const parent of ["/a", "/home/ann", "/root", "/root/ann", "/tmp/ann", "/tmp"]) {
        const workdir = `${parent}/b/c`
        const asked = { workdir, outside: [parent], files: { [`${parent}/in.csv`]: "in", [`${parent}/b2/in`]: "in2" } }
        const source = `${read("own", "../../in.csv", "../../b2/in", `${parent}/in.csv`)}\nprint(os.getcwd())`
        const { code, output } = yield* execute(asked, source)
        assert.strictEqual(output, `own True\nin True\nin2 True\nin True\n${workdir}\n`, parent)
        assert.strictEqual(code, 0)
      }
    }), 60_000)

  it.effect.each([false, true])("is there again, empty, after a reset, unless a script moved what is mounted (in place: %s)", (inPlace) =>
    Effect.gen(function*() {
      const request = { image, workdir: "/a/b/c", outside: ["/a"], limits: {}, network: "none", inPlace } as const
      const slot = yield* Sandbox.use(({ prepare }) => prepare(request))
      const run = (source: string) =>
        Effect.scoped(Effect.gen(function*() {
          const session = yield* slot.open(request)
          yield* session.own
          const started = yield* session.run({
            argv: ["sh", "-c", source],
            env: { PATH: "/usr/bin:/bin" },
            deadline: Duration.seconds(60)
          })
          return yield* started.output.pipe(Stream.map(({ bytes }) => bytes), Stream.decodeText(), Stream.mkString)
        }))
      yield* run("touch /a/x /a/b/x here; chmod 0 /a/b; mkdir -p /a/d/e")
      yield* slot.reset
      assert.strictEqual(yield* run("pwd; ls . /a /a/b"), "/a/b/c\n.:\n\n/a:\nb\n\n/a/b:\nc\n")
      yield* slot.reset
      yield* run("mv /a/b /a/moved; mkdir -p /a/b/c")
      assert.strictEqual((yield* Effect.flip(slot.reset)).reason._tag, "SlotLost")
    }), 60_000)

  it.effect("is the script's own to write, and /tmp still is everybody's", () =>
    Effect.gen(function*() {
      const source = "open('/data/new','w').write('x');open('/tmp/new','w').write('x');open('own','a').write('x')"
      const files = { "/data/in.csv": "1" }
      for (const outside of [["/data"], ["/data", "/tmp"]]) {
        const { code, output } = yield* execute({ workdir: "/home/ann", outside, files }, source)
        assert.deepStrictEqual([code, output], [0, ""])
      }
    }), 60_000)
})
