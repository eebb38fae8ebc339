/** What is left of slots: nothing, however they, their runner or their engine's container ended. */
import { assert, describe, it } from "@effect/vitest"
import Docker from "dockerode"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { readdir, readFile, readlink } from "node:fs/promises"
import { join } from "node:path"
import { Sandbox, type SlotRequest } from "rgrid/ports/Sandbox"
import { eventually, openSlot } from "rgrid/testing/SandboxContract"
import * as DockerSandbox from "../../src/adapters/docker/DockerSandbox.ts"
import { bridgeName, networkName } from "../../src/adapters/docker/network.ts"
import { image, runnerIdFor, temporaryDirectory } from "./fixture.ts"

const docker = new Docker()
const isRoot = process.getuid?.() === 0
const request: SlotRequest = { image, workdir: "/work", outside: [], limits: {}, network: "none" }
const sleep = { argv: ["sleep", "600"] as [string, string], env: {}, deadline: Duration.hours(1) }

const containersOf = async (runnerId: string): Promise<number> =>
  (await docker.listContainers({ all: true, filters: { label: [`rgrid.runner=${runnerId}`] } })).length

const networkExists = (runnerId: string): Promise<boolean> =>
  docker.getNetwork(networkName(runnerId)).inspect().then(() => true, () => false)

const setting = Effect.fnUntraced(function*(name: string) {
  const stateDirectory = yield* temporaryDirectory
  const runnerId = runnerIdFor(name)
  const layer = DockerSandbox.layer({ runnerId, stateDirectory, allowPrivateNetworks: true })
  return { stateDirectory, runnerId, layer }
})

const slotsIn = (stateDirectory: string): Promise<ReadonlyArray<string>> =>
  readdir(join(stateDirectory, "slots")).catch(() => [])

/** Processes of this machine whose program is in the directory. */
const runningFrom = async (directory: string): Promise<number> => {
  const programs = (await readdir("/proc")).map((pid) => readlink(join("/proc", pid, "exe")).catch(() => ""))
  return (await Promise.all(programs)).filter((program) => program.startsWith(directory)).length
}

describe("a slot's life", () => {
  it.live("leaves nothing behind: no container, no directory, no network, no rule", () =>
    Effect.gen(function*() {
      const { layer, runnerId, stateDirectory } = yield* setting("nothing")
      yield* Effect.gen(function*() {
        const sandbox = yield* Sandbox
        yield* Effect.scoped(Effect.gen(function*() {
          yield* sandbox.prepare(request)
          const slot = yield* openSlot({ ...request, network: "open" })
          yield* slot.run(sleep)
          assert.strictEqual(yield* Effect.promise(() => containersOf(runnerId)), 2)
          assert.isTrue(yield* Effect.promise(() => networkExists(runnerId)))
        }))
        assert.strictEqual(yield* Effect.promise(() => containersOf(runnerId)), 0)
        assert.deepStrictEqual(yield* Effect.promise(() => slotsIn(stateDirectory)), [])
      }).pipe(Effect.provide(layer))
      assert.isFalse(yield* Effect.promise(() => networkExists(runnerId)))
      if (isRoot) assert.notInclude(execFileSync("iptables-save").toString(), bridgeName(runnerId))
    }), 60_000)

  it.live("ends with its runner, even one killed on the spot; reclaim takes the rest away", () =>
    Effect.gen(function*() {
      const { layer, runnerId, stateDirectory } = yield* setting("killed")
      const owner = spawn(
        process.execPath,
        ["--conditions=rgrid-src", join(import.meta.dirname, "owner.ts"), runnerId, stateDirectory, image],
        { stdio: ["ignore", "pipe", "inherit"] }
      )
      yield* Effect.promise(() => once(owner.stdout, "data"))
      assert.strictEqual(yield* Effect.promise(() => containersOf(runnerId)), 2)
      owner.kill("SIGKILL")
      yield* eventually("the containers end by themselves", async () => await containersOf(runnerId) === 0)
      yield* eventually("its helpers end too", async () => (await runningFrom(stateDirectory)) === 0)
      assert.notInclude(yield* Effect.promise(() => readFile("/proc/self/mountinfo", "utf8")), stateDirectory)
      assert.strictEqual((yield* Effect.promise(() => slotsIn(stateDirectory))).length, 2)
      yield* Effect.gen(function*() {
        const sandbox = yield* Sandbox
        assert.strictEqual(yield* sandbox.reclaim, 2)
        assert.strictEqual(yield* sandbox.reclaim, 0)
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(yield* Effect.promise(() => slotsIn(stateDirectory)), [])
    }), 60_000)

  it.live("is reclaimed while its runner hangs, leaving the slots of the present life alone", () =>
    Effect.gen(function*() {
      const { layer, runnerId, stateDirectory } = yield* setting("hanging")
      const owner = spawn(
        process.execPath,
        ["--conditions=rgrid-src", join(import.meta.dirname, "owner.ts"), runnerId, stateDirectory, image],
        { stdio: ["ignore", "pipe", "inherit"] }
      )
      yield* Effect.promise(() => once(owner.stdout, "data"))
      owner.kill("SIGSTOP")
      yield* Effect.gen(function*() {
        const sandbox = yield* Sandbox
        yield* sandbox.prepare(request)
        assert.strictEqual(yield* sandbox.reclaim, 2)
        assert.strictEqual(yield* Effect.promise(() => containersOf(runnerId)), 1)
      }).pipe(Effect.scoped, Effect.provide(layer), Effect.ensuring(Effect.sync(() => owner.kill("SIGKILL"))))
    }), 60_000)

  it.live("fails a run with SlotLost when its container is killed, and tells of an idle slot that died", () =>
    Effect.gen(function*() {
      const { layer } = yield* setting("lost")
      yield* Effect.gen(function*() {
        const sandbox = yield* Sandbox
        const idle = yield* sandbox.prepare(request)
        const busy = yield* openSlot(request)
        const run = yield* busy.run(sleep)
        for (const { id } of [idle, busy]) yield* Effect.promise(() => docker.getContainer(`rgrid-${id}`).kill())
        yield* idle.died
        assert.strictEqual((yield* Effect.flip(Stream.runDrain(run.output))).reason._tag, "SlotLost")
        assert.strictEqual((yield* Effect.flip(run.exit)).reason._tag, "SlotLost")
      }).pipe(Effect.scoped, Effect.provide(layer))
    }), 60_000)

  it.live("says plainly when there is no engine, or no such image", () =>
    Effect.gen(function*() {
      const stateDirectory = yield* temporaryDirectory
      const absent = DockerSandbox.layer({
        runnerId: "x",
        stateDirectory,
        allowPrivateNetworks: true,
        socketPath: join(stateDirectory, "no.sock")
      })
      const error = yield* Effect.flip(Sandbox.pipe(Effect.provide(absent)))
      assert.strictEqual(error.reason._tag, "SandboxUnavailable")
      const { layer } = yield* setting("image")
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
      const { layer } = yield* setting("closed")
      yield* Effect.gen(function*() {
        const slot = yield* openSlot(request)
        assert.throws(() => execFileSync("ls", [slot.workspace], { uid: 65_534, gid: 65_534, stdio: "ignore" }))
      }).pipe(Effect.scoped, Effect.provide(layer))
    }), 60_000)
})
