/** What is left of slots: nothing, however they, their runner or their engine's container ended. */
import { assert, describe, it } from "@effect/vitest"
import Docker from "dockerode"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { readdir, readlink } from "node:fs/promises"
import { join } from "node:path"
import { Sandbox, type SlotRequest } from "rgrid/ports/Sandbox"
import { eventually, openSlot } from "rgrid/testing/SandboxContract"
import { bridgeName, networkName } from "../../src/adapters/docker/network.ts"
import { image, type Kind, kinds, runnerIdFor, temporaryDirectory } from "./fixture.ts"

const docker = new Docker()
const isRoot = process.getuid?.() === 0
const request: SlotRequest = { image, workdir: "/work", outside: [], limits: {}, network: "none" }
const sleep = { argv: ["sleep", "600"] as [string, string], env: {}, deadline: Duration.hours(1) }

const containersOf = async (runnerId: string): Promise<number> =>
  (await docker.listContainers({ all: true, filters: { label: [`rgrid.runner=${runnerId}`] } })).length

/** Lines of this machine's mounts and names of control groups that tell of the runner. */
const tracesOf = ({ runnerId, stateDirectory }: { readonly runnerId: string; readonly stateDirectory: string }) =>
  execFileSync("sh", ["-c", 'cat /proc/self/mountinfo; find /sys/fs/cgroup -type d -path "*rgrid*"']).toString()
    .split("\n").filter((line) => line.includes(runnerId) || line.includes(stateDirectory))

const networkExists = (runnerId: string): Promise<boolean> =>
  docker.getNetwork(networkName(runnerId)).inspect().then(() => true, () => false)

const setting = Effect.fnUntraced(function*(kind: Kind, name: string) {
  const stateDirectory = yield* temporaryDirectory
  const runnerId = runnerIdFor(`${name}-${kind.name}`)
  const place = { runnerId, stateDirectory }
  return { ...place, layer: kind.layer({ ...place, allowPrivateNetworks: true }), slots: () => kind.slotsOf(place) }
})

/** A runner in a process of its own, to be killed. */
const started = (kind: Kind, runnerId: string, stateDirectory: string) =>
  spawn(
    process.execPath,
    ["--conditions=rgrid-src", join(import.meta.dirname, "owner.ts"), kind.name, runnerId, stateDirectory, image],
    { stdio: ["ignore", "pipe", "inherit"] }
  )

const slotsIn = (stateDirectory: string): Promise<ReadonlyArray<string>> =>
  readdir(join(stateDirectory, "slots")).catch(() => [])

/** Processes of this machine whose program is in the directory. */
const runningFrom = async (directory: string): Promise<number> => {
  const programs = (await readdir("/proc")).map((pid) => readlink(join("/proc", pid, "exe")).catch(() => ""))
  return (await Promise.all(programs)).filter((program) => program.startsWith(directory)).length
}

describe.each(kinds)("a slot's life by $name", (kind) => {
  it.live("leaves nothing behind: no container, no directory, no network, no rule", () =>
    Effect.gen(function*() {
      const { layer, runnerId, slots, stateDirectory } = yield* setting(kind, "nothing")
      yield* Effect.gen(function*() {
        const sandbox = yield* Sandbox
        yield* Effect.scoped(Effect.gen(function*() {
          yield* sandbox.prepare(request)
          const slot = yield* openSlot({ ...request, network: "open" })
          yield* slot.run(sleep)
          assert.strictEqual(yield* Effect.promise(slots), 2)
          assert.isTrue(yield* Effect.promise(() => networkExists(runnerId)))
        }))
        assert.strictEqual(yield* Effect.promise(slots), 0)
        assert.deepStrictEqual(yield* Effect.promise(() => slotsIn(stateDirectory)), [])
      }).pipe(Effect.provide(layer))
      assert.strictEqual(yield* Effect.promise(() => containersOf(runnerId)), 0)
      assert.isFalse(yield* Effect.promise(() => networkExists(runnerId)))
      if (isRoot) assert.deepStrictEqual(tracesOf({ runnerId, stateDirectory }), [])
      if (isRoot) assert.notInclude(execFileSync("iptables-save").toString(), bridgeName(runnerId))
    }), 60_000)

  it.live("ends with its runner, even one killed on the spot; reclaim takes the rest away", () =>
    Effect.gen(function*() {
      const { layer, runnerId, slots, stateDirectory } = yield* setting(kind, "killed")
      const owner = started(kind, runnerId, stateDirectory)
      yield* Effect.promise(() => once(owner.stdout, "data"))
      assert.strictEqual(yield* Effect.promise(slots), 2)
      owner.kill("SIGKILL")
      yield* eventually("the containers end by themselves", async () => await slots() === 0)
      yield* eventually("its helpers end too", async () => (await runningFrom(stateDirectory)) === 0)
      assert.strictEqual((yield* Effect.promise(() => slotsIn(stateDirectory))).length, 2)
      yield* Effect.gen(function*() {
        const sandbox = yield* Sandbox
        assert.strictEqual(yield* sandbox.reclaim, 2)
        assert.strictEqual(yield* sandbox.reclaim, 0)
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(yield* Effect.promise(() => slotsIn(stateDirectory)), [])
      if (isRoot) assert.deepStrictEqual(tracesOf({ runnerId, stateDirectory }), [])
    }), 60_000)

  it.live("is reclaimed while its runner hangs, leaving the slots of the present life alone", () =>
    Effect.gen(function*() {
      const { layer, runnerId, slots, stateDirectory } = yield* setting(kind, "hanging")
      const owner = started(kind, runnerId, stateDirectory)
      yield* Effect.promise(() => once(owner.stdout, "data"))
      owner.kill("SIGSTOP")
      yield* Effect.gen(function*() {
        const sandbox = yield* Sandbox
        yield* sandbox.prepare(request)
        assert.strictEqual(yield* sandbox.reclaim, 2)
        assert.strictEqual(yield* Effect.promise(slots), 1)
      }).pipe(Effect.scoped, Effect.provide(layer), Effect.ensuring(Effect.sync(() => owner.kill("SIGKILL"))))
    }), 60_000)

  it.live("fails a run with SlotLost when its container is killed, and tells of an idle slot that died", () =>
    Effect.gen(function*() {
      const { layer, stateDirectory } = yield* setting(kind, "lost")
      yield* Effect.gen(function*() {
        const sandbox = yield* Sandbox
        const idle = yield* sandbox.prepare(request)
        const busy = yield* openSlot(request)
        const run = yield* busy.run(sleep)
        for (const { id } of [idle, busy]) yield* Effect.promise(() => kind.kill({ stateDirectory }, id))
        yield* idle.died
        assert.strictEqual((yield* Effect.flip(Stream.runDrain(run.output))).reason._tag, "SlotLost")
        assert.strictEqual((yield* Effect.flip(run.exit)).reason._tag, "SlotLost")
      }).pipe(Effect.scoped, Effect.provide(layer))
    }), 60_000)

  it.live("says plainly when there is no engine, or no such image", () =>
    Effect.gen(function*() {
      const stateDirectory = yield* temporaryDirectory
      const absent = kind.layer({
        runnerId: "x",
        stateDirectory,
        allowPrivateNetworks: true,
        socketPath: join(stateDirectory, "no.sock")
      })
      const error = yield* Effect.flip(Sandbox.pipe(Effect.provide(absent)))
      assert.strictEqual(error.reason._tag, "SandboxUnavailable")
      const { layer } = yield* setting(kind, "image")
      const missing = yield* Effect.flip(
        Effect.flatMap(Sandbox, (sandbox) => sandbox.prepare({ ...request, image: "NOT/a//name" })).pipe(
          Effect.scoped,
          Effect.provide(layer)
        )
      )
      assert.strictEqual(missing.reason._tag, "ImageNotFound")
    }))

  it.live.skipIf(!isRoot)("closes its directory to other users of the machine", () =>
    Effect.gen(function*() {
      const { layer } = yield* setting(kind, "closed")
      yield* Effect.gen(function*() {
        const slot = yield* openSlot(request)
        assert.throws(() => execFileSync("ls", [slot.workspace], { uid: 65_534, gid: 65_534, stdio: "ignore" }))
      }).pipe(Effect.scoped, Effect.provide(layer))
    }), 60_000)
})
