/** Slots that are given their directories when they are opened. Needs a runner that is root. */
import { assert, layer } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Sandbox, type Session, type SlotRequest } from "rgrid/ports/Sandbox"
import { mount } from "../../src/overlay/mount.ts"
import { image, kinds, sandboxLayer } from "./fixture.ts"

const asking = (workdir: string, over: Partial<SlotRequest> = {}): SlotRequest => ({
  image,
  workdir,
  outside: [],
  limits: {},
  network: "none",
  ...over
})

const print = (session: Session, source: string) =>
  Effect.scoped(Effect.gen(function*() {
    yield* session.own
    const env = { PATH: "/usr/local/bin:/usr/bin:/bin" }
    const run = yield* session.run({ argv: ["sh", "-c", `exec 2>&1\n${source}`], env, deadline: Duration.minutes(1) })
    return yield* run.output.pipe(Stream.map(({ bytes }) => bytes), Stream.decodeText(), Stream.mkString)
  }))

/** Writes where it may, then lists what others' slots had, and tries where it may not. */
const script = (all: ReadonlyArray<string>): string => `pwd; cat given
  for d in ${all.map((path) => `'${path}'`).join(" ")}; do echo >"$d/new" && echo "$d"; done
  for d in /home/ann /data /root/deep /home/bob /opt/na* /nowhere /.rgrid-layer /tmp/x /tmp/a; do
    [ ! -e "$d" ] || echo "there $d"; done
  mkdir /new 2>/dev/null || echo no; mkdir /home/new 2>/dev/null || echo no
  (echo > /.rgrid-layer/new) 2>/dev/null || echo no`

const places = ["/home/ann", "/data", "/root/deep", "/home/bob", "/opt/na\u00efve", "/nowhere", "/.rgrid-layer", "/tmp/x", "/tmp/a"]

const refused = ({ mounts = [], outside, workdir }: SlotRequest): ReadonlyArray<string> => {
  const own = [workdir, ...outside, ...mounts.map(({ at }) => at)]
  const there = places.filter((place) => own.some((path) => path === place || path.startsWith(`${place}/`)))
  return [...there.map((place) => `there ${place}`), "no", "no", "no"]
}

const unprivileged = process.getuid?.() !== 0

for (const kind of kinds) layer(sandboxLayer("late", {}, kind), { excludeTestServices: true, timeout: "60 seconds" })(`a slot opened for any directory, by ${kind.name}`, (it) => {
  it.effect.skipIf(unprivileged)("fits whatever directories, one after the other, and keeps none of them", () =>
    Effect.gen(function*() {
      const { kindOf, prepare } = yield* Sandbox
      const layer = yield* Effect.promise(() => mkdtemp(join(tmpdir(), "rgrid-late-")))
      yield* Effect.addFinalizer(() => Effect.promise(() => rm(layer, { recursive: true })))
      const mounts = [{ source: layer, at: "/.rgrid-layer", writable: false }]
      const requests = [
        asking("/work"),
        asking("/home/ann/a project", { outside: ["/data", "/tmp/x"], mounts }),
        asking("/root/deep/er"),
        asking("/tmp/a/b", { outside: ["/tmp"] }),
        asking("/home/bob/b", { outside: ["/home/bob"] }),
        asking("/opt/na\u00efve"),
        asking("/work")
      ]
      assert.strictEqual(new Set(requests.map(kindOf)).size, 1)
      const slot = yield* prepare(asking("/nowhere/in/particular"))
      for (const request of requests) {
        const session = yield* slot.open(request)
        yield* Effect.promise(() => writeFile(join(session.workspace, "given"), "x\n"))
        const all = [request.workdir, ...request.outside]
        const lines = (yield* print(session, script(all))).trimEnd().split("\n")
        assert.deepStrictEqual(lines, [request.workdir, "x", ...all, ...refused(request)])
        const host = yield* Effect.promise(() => readFile("/proc/self/mountinfo", "utf8"))
        assert.notInclude(host, session.workspace)
        yield* slot.reset
      }
    }), 60_000)

  it.effect.skipIf(unprivileged)("is given up for a directory behind a link, which one made for it has", () =>
    Effect.gen(function*() {
      const { kindOf, prepare } = yield* Sandbox
      // In the image, /var/lock is a link to /run/lock.
      const request = asking("/var/lock/project")
      const slot = yield* prepare(request)
      const { reason } = yield* Effect.flip(slot.open(request))
      assert.deepInclude({ ...reason }, { _tag: "SlotLost" })
      const inPlace = { ...request, inPlace: true }
      assert.notStrictEqual(kindOf(request), kindOf(inPlace))
      const made = yield* prepare(inPlace)
      assert.strictEqual(yield* print(yield* made.open(inPlace), "pwd"), "/run/lock/project\n")
    }), 60_000)

  it.effect.skipIf(unprivileged)("shows what is mounted over its workspace after it was opened, to one session", () =>
    Effect.gen(function*() {
      const { prepare } = yield* Sandbox
      const base = yield* Effect.acquireRelease(
        Effect.promise(() => mkdtemp(join(tmpdir(), "rgrid-lower-"))),
        (path) => Effect.promise(() => rm(path, { recursive: true }))
      )
      yield* Effect.promise(async () => {
        await mkdir(join(base, "one"))
        await writeFile(join(base, "one/large"), "large\n")
        await chown(join(base, "one/large"), 10_001, 10_001)
      })
      const request = asking("/home/ann/project")
      const slot = yield* prepare(request)
      for (const turn of ["first", "second"]) {
        yield* Effect.scoped(Effect.gen(function*() {
          const session = yield* slot.open(request)
          assert.deepStrictEqual(session.overlay, { uid: 10_001, gid: 10_001 })
          yield* mount({ base, lowers: ["one"], target: session.workspace })
          yield* Effect.promise(() => writeFile(join(session.workspace, "own"), "own\n"))
          const said = yield* print(session, "cat large own; echo changed > large; echo > new; ls")
          assert.strictEqual(said, "large\nown\nlarge\nnew\nown\n", turn)
          assert.strictEqual(yield* Effect.promise(() => readFile(join(session.workspace, "large"), "utf8")), "changed\n")
        }))
        yield* slot.reset
      }
      assert.strictEqual(yield* Effect.promise(() => readFile(join(base, "one/large"), "utf8")), "large\n")
      assert.strictEqual(yield* print(yield* slot.open(request), "ls"), "")
    }), 60_000)
})
