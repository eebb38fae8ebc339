/** Who is in whose network, one slot after the other. */
import { assert, it } from "@effect/vitest"
import Docker from "dockerode"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Sandbox, type SlotRequest } from "rgrid/ports/Sandbox"
import { openSlot } from "rgrid/testing/SandboxContract"
import { image, kinds, runnerIdFor, sandboxLayer } from "./fixture.ts"

const docker = new Docker()

const request = (tenant?: string): SlotRequest => ({
  image,
  workdir: "/work",
  outside: [],
  limits: {},
  network: "open",
  ...(tenant === undefined ? {} : { tenant })
})

const says = Effect.fnUntraced(function*(slot: Effect.Success<ReturnType<typeof openSlot>>, script: string) {
  const run = yield* slot.run({ argv: ["sh", "-c", script], env: { PATH: "/usr/local/bin:/usr/bin:/bin" }, deadline: Duration.minutes(1) })
  return yield* run.output.pipe(Stream.map(({ bytes }) => bytes), Stream.decodeText(), Stream.mkString)
})

/** Tells namespaces apart: the kernel gives numbers of those that are gone again, but counts interfaces on. */
const which = "readlink /proc/self/ns/net; cat /sys/class/net/eth0/ifindex"

const namespaceOf = (tenant?: string) =>
  openSlot(request(tenant)).pipe(Effect.flatMap((slot) => says(slot, which)))

const holders = async (runnerId: string) => {
  const label = [`rgrid.runner=${runnerId}`, "rgrid.network"]
  return (await docker.listContainers({ filters: { label } })).map(({ Id }) => docker.getContainer(Id))
}

for (const kind of kinds) it.layer(sandboxLayer("namespaces", {}, kind), { excludeTestServices: true, timeout: "60 seconds" })(`a network joined by ${kind.name}`, (it) => {
  it.effect("is handed on within one tenant, to one slot at a time", () =>
    Effect.gen(function*() {
      const first = yield* Effect.scoped(namespaceOf("a"))
      const [again, beside] = yield* Effect.scoped(Effect.all([namespaceOf("a"), namespaceOf("a")]))
      assert.strictEqual(again, first)
      assert.notStrictEqual(beside, first)
      const other = yield* Effect.scoped(namespaceOf("b"))
      assert.notInclude([first, beside], other)
    }), 60_000)

  it.effect("is nobody's next when nobody was named", () =>
    Effect.gen(function*() {
      const seen = [yield* Effect.scoped(namespaceOf())]
      for (const tenant of [undefined, "a", "b"]) seen.push(yield* Effect.scoped(namespaceOf(tenant)))
      assert.notInclude(seen.slice(1), seen[0])
    }), 60_000)

  it.effect("goes to whoever the slot made ahead is opened for", () =>
    Effect.gen(function*() {
      const { prepare } = yield* Sandbox
      const opened = yield* Effect.scoped(Effect.gen(function*() {
        const slot = yield* prepare(request())
        return yield* says({ ...slot, ...yield* slot.open(request("c")) }, which)
      }))
      assert.strictEqual(yield* Effect.scoped(namespaceOf("c")), opened)
    }), 60_000)

  it.effect("has its host name, and a resolver", () =>
    Effect.gen(function*() {
      const slot = yield* openSlot(request("a"))
      const said = yield* says(slot, "hostname; getent hosts $(hostname) | grep -c rgrid; grep -c nameserver /etc/resolv.conf")
      assert.strictEqual(said, "rgrid\n1\n1\n")
    }).pipe(Effect.scoped), 60_000)
})

it.live.each(kinds)("ends with its holder: so do the slots in it by $name, and the next has another", (kind) =>
  Effect.gen(function*() {
    const runnerId = runnerIdFor(`holders-${kind.name}`)
    const { prepare } = yield* Sandbox
    const idle = yield* prepare(request("a"))
    const busy = yield* openSlot(request("a"))
    const run = yield* busy.run({ argv: ["sleep", "600"], env: { PATH: "/usr/bin:/bin" }, deadline: Duration.hours(1) })
    for (const holder of yield* Effect.promise(() => holders(runnerId))) yield* Effect.promise(() => holder.kill())
    yield* idle.died
    assert.strictEqual((yield* Effect.flip(run.exit)).reason._tag, "SlotLost")
    assert.match(yield* namespaceOf("a"), /^net:/)
  }).pipe(Effect.scoped, Effect.provide(sandboxLayer("holders", {}, kind))), 60_000)
