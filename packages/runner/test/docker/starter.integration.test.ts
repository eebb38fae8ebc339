/** The program beside the runner that starts containers: what becomes of slots without it. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Sandbox } from "rgrid/ports/Sandbox"
import { image, type Kind, kinds, runnerIdFor, sandboxLayer, temporaryDirectory } from "./fixture.ts"
import { waitUntil } from "../fixtures/waitUntil.ts"

const request = { image, workdir: "/work", outside: [], limits: {}, network: "none" } as const

const text = (pid: string, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8")
  } catch {
    return ""
  }
}

/** This process's own starter for that runtime: its second argument. */
const startersOf = (runtime: string): ReadonlyArray<number> =>
  readdirSync("/proc")
    .filter((pid) => text(pid, "status").includes(`\nPPid:\t${process.pid}\n`))
    .filter((pid) => /rgrid-start/.test(text(pid, "cmdline")) && text(pid, "cmdline").endsWith(`\0${runtime}\0`))
    .map(Number)

const known = (name: Kind["name"]): Kind => kinds.find((kind) => kind.name === name) ?? assert.fail(`there is no ${name}`)

const withAnother = (kind: Kind) =>
  Effect.gen(function*() {
    const { prepare } = yield* Sandbox
    const first = yield* prepare(request)
    const [starter = assert.fail("there is no starter"), ...others] = startersOf(kind.name)
    assert.deepStrictEqual(others, [])
    process.kill(starter, "SIGKILL")
    yield* waitUntil("the starter's end", () => !startersOf(kind.name).includes(starter))
    const second = yield* prepare(request)
    assert.notInclude(startersOf(kind.name), starter)
    // The slot that the dead one had started lives on.
    yield* first.open(request)
    yield* second.open(request)
  }).pipe(Effect.scoped, Effect.provide(sandboxLayer("starter", {}, kind)))

/** So many turns of the event loop after it is so. */
const turnsAfter = (isSo: () => boolean, turns: number) =>
  Effect.promise(async () => {
    for (let left = turns; left > 0; left -= isSo() ? 1 : 0) await new Promise((resolve) => setImmediate(resolve))
  })

/** Gives each slot up a little later than the one before: some while the starter is asked, some while the init starts. */
const givenUp = Effect.fnUntraced(function*(kind: Kind) {
  const place = { runnerId: runnerIdFor(`given-up-${kind.name}`), stateDirectory: yield* temporaryDirectory }
  const slots = () => readdirSync(join(place.stateDirectory, "slots"))
  yield* Effect.gen(function*() {
    const { prepare } = yield* Sandbox
    yield* Effect.scoped(prepare(request))
    for (let turns = 1; turns < 3_000; turns = Math.ceil(turns * 1.3)) {
      const fiber = yield* Effect.forkChild(Effect.scoped(Effect.andThen(prepare(request), Effect.never)))
      yield* turnsAfter(() => slots().length > 0, turns)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(slots(), [])
    }
    assert.strictEqual(yield* Effect.promise(() => kind.slotsOf(place)), 0)
  }).pipe(Effect.provide(kind.layer({ ...place, allowPrivateNetworks: true })))
}, Effect.scoped)

for (const name of ["crun", "runc"] as const) {
  describe.skipIf(!kinds.some((kind) => kind.name === name))(`the starter of ${name}`, () => {
    it.live("is followed by another when it is killed, and its slots live on", () => withAnother(known(name)), 60_000)

    it.live("keeps nobody waiting who gives a slot up while it is being started", () => givenUp(known(name)), 60_000)

    it.live("ends with the sandbox", () =>
      Effect.gen(function*() {
        yield* Sandbox.pipe(
          Effect.tap(() => Effect.sync(() => assert.lengthOf(startersOf(name), 1))),
          Effect.provide(sandboxLayer("starter", {}, known(name)))
        )
        assert.deepStrictEqual(startersOf(name), [])
      }), 60_000)
  })
}
