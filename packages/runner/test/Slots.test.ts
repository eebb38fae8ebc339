import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { Sandbox, SandboxError, SlotLost, type SlotRequest } from "rgrid/ports/Sandbox"
import { Slots } from "../src/Slots.ts"

const request = (image: string): SlotRequest => ({ image, workdir: "/work", outside: [], limits: {}, network: "open" })

class Machine {
  readonly made: Array<string> = []
  alive = 0
  most = 0
  resets = 0
  /** What every image's name stands for now. */
  digest: string | null = null
  /** Directories that only slots made with them have. */
  unplaceable: ReadonlyArray<string> = []
  resetting: Effect.Effect<void, SandboxError> = Effect.void
  readonly deaths: Array<Deferred.Deferred<void>> = []

  readonly layer = Layer.succeed(Sandbox, {
    name: "counted",
    controls: Effect.succeed([]),
    pulling: () => Effect.succeed(null),
    kindOf: ({ image }) => image,
    identify: () => Effect.sync(() => ({ digest: this.digest ?? "", arch: "x64" })),
    reclaim: Effect.succeed(0),
    prepare: ({ image, inPlace = false }) =>
      Effect.gen({ self: this }, function*() {
        const died = yield* Deferred.make<void>()
        this.deaths.push(died)
        yield* Effect.acquireRelease(
          Effect.sync(() => {
            this.made.push(image)
            this.most = Math.max(this.most, ++this.alive)
          }),
          () => Effect.sync(() => this.alive--)
        )
        const session = {
          workspace: "/nowhere",
          outside: new Map<string, string>(),
          own: Effect.void,
          run: () => Effect.die("nothing runs here")
        }
        return {
          id: `${image}-${this.made.length}`,
          digest: this.digest,
          environment: {},
          open: (request: SlotRequest) =>
            this.unplaceable.includes(request.workdir) && !inPlace
              ? Effect.fail(new SandboxError({ reason: new SlotLost({ slot: image, detail: "ELOOP" }) }))
              : Effect.succeed(session),
          reset: Effect.suspend(() => {
            this.resets++
            return this.resetting
          }),
          died: Deferred.await(died)
        }
      })
  })
}

const use = (slots: Slots["Service"], image: string, over: Partial<SlotRequest> = {}, batch?: string) =>
  Effect.scoped(Effect.map(slots.acquire({ ...request(image), ...over }, batch), ({ id }) => id))

const setUp = (attempts = 2, likely: SlotRequest | null = null) =>
  Effect.gen(function*() {
    const machine = new Machine()
    const context = yield* Layer.build(Slots.layer(attempts, likely).pipe(Layer.provide(machine.layer)))
    return { machine, slots: yield* Effect.provide(Slots, context) }
  })

/** Lets everything run that needs no time. */
const settle = Effect.forEach(Array.from({ length: 50 }), () => Effect.yieldNow, { discard: true })

describe("slots", () => {
  it.effect("are made ahead of the second use", () =>
    Effect.gen(function*() {
      const { machine, slots } = yield* setUp()
      assert.strictEqual(yield* use(slots, "a"), "a-1")
      yield* settle
      assert.deepStrictEqual(machine.made, ["a", "a"])
      assert.strictEqual(yield* use(slots, "a"), "a-2")
    }))

  it.effect("are made ahead of the first use, when it is known what that will be", () =>
    Effect.gen(function*() {
      const { machine, slots } = yield* setUp(2, request("a"))
      yield* settle
      assert.deepStrictEqual(machine.made, ["a"])
      assert.strictEqual(yield* use(slots, "a"), "a-1")
    }))

  it.effect("are never handed out twice", () =>
    Effect.gen(function*() {
      const { slots } = yield* setUp()
      const ids: Array<string> = []
      for (let i = 0; i < 10; i++) {
        ids.push(...yield* Effect.all([use(slots, "a"), use(slots, "a")], { concurrency: 2 }))
        yield* settle
      }
      assert.strictEqual(new Set(ids).size, 20)
    }))

  it.effect("are of what the image's name stands for when they are wanted", () =>
    Effect.gen(function*() {
      const { machine, slots } = yield* setUp()
      machine.digest = "one"
      yield* use(slots, "a")
      yield* settle
      assert.deepStrictEqual(machine.made, ["a", "a"])
      machine.digest = "two"
      assert.strictEqual(yield* use(slots, "a"), "a-3")
      yield* settle
      assert.strictEqual(yield* use(slots, "a"), "a-4")
      yield* settle
      assert.strictEqual(machine.alive, 1)
    }))

  it.effect("make room for another kind", () =>
    Effect.gen(function*() {
      const { machine, slots } = yield* setUp(1)
      yield* use(slots, "a")
      yield* settle
      assert.strictEqual(yield* use(slots, "b"), "b-3")
      yield* settle
      assert.deepStrictEqual(machine.made, ["a", "a", "b", "b"])
      assert.strictEqual(machine.alive, 1)
      assert.isAtMost(machine.most, 2)
    }))

  it.effect("are dropped when they died idle", () =>
    Effect.gen(function*() {
      const { machine, slots } = yield* setUp()
      yield* use(slots, "a")
      yield* settle
      yield* Deferred.succeed(machine.deaths[1]!, undefined)
      yield* settle
      assert.strictEqual(machine.alive, 0)
      assert.strictEqual(yield* use(slots, "a"), "a-3")
    }))

  it.effect("are all gone at the end", () =>
    Effect.gen(function*() {
      const machine = yield* Effect.scoped(Effect.gen(function*() {
        const { machine, slots } = yield* setUp()
        yield* use(slots, "a")
        yield* settle
        yield* slots.acquire(request("a"))
        yield* slots.acquire(request("b"))
        return machine
      }))
      assert.strictEqual(machine.alive, 0)
    }))

  it.effect("are as many as ran at a time, until that is a minute ago", () =>
    Effect.gen(function*() {
      const { machine, slots } = yield* setUp(3)
      yield* Effect.scoped(Effect.all([1, 2, 3].map(() => slots.acquire(request("a")))))
      yield* settle
      assert.strictEqual(machine.alive, 3)
      yield* TestClock.adjust("61 seconds")
      yield* settle
      assert.strictEqual(machine.alive, 1)
    }))

  it.effect("are kept of several kinds, the last one for good", () =>
    Effect.gen(function*() {
      const { machine, slots } = yield* setUp(3)
      for (const image of ["a", "b"]) yield* use(slots, image)
      yield* settle
      assert.strictEqual(machine.alive, 2)
      yield* TestClock.adjust("11 minutes")
      yield* settle
      assert.strictEqual(machine.alive, 1)
      assert.strictEqual(yield* use(slots, "b"), "b-4")
    }))

  it.effect("go to nobody else than whom they were made for", () =>
    Effect.gen(function*() {
      const { slots } = yield* setUp(2, request("a"))
      yield* settle
      assert.strictEqual(yield* use(slots, "a", { tenant: "me" }), "a-1")
      yield* settle
      const mine = yield* use(slots, "a", { tenant: "me" })
      const yours = yield* use(slots, "a", { tenant: "you" })
      assert.notStrictEqual(mine, yours)
    }))

  it.effect("serve one item of a batch after the other, and nobody else", () =>
    Effect.gen(function*() {
      const { machine, slots } = yield* setUp()
      const first = yield* use(slots, "a", {}, "batch")
      assert.strictEqual(yield* use(slots, "a", {}, "batch"), first)
      yield* settle
      assert.strictEqual(machine.resets, 2)
      const others = [yield* use(slots, "a"), yield* use(slots, "a", {}, "another"), yield* use(slots, "b", {}, "batch")]
      assert.notInclude(others, first)
      yield* TestClock.adjust("11 seconds")
      yield* settle
      assert.notStrictEqual(yield* use(slots, "a", {}, "batch"), first)
    }))

  it.effect("are made anew, with their directories in place, for one whose directories they can't be given", () =>
    Effect.gen(function*() {
      const { machine, slots } = yield* setUp(2, request("a"))
      machine.unplaceable = ["/linked"]
      yield* settle
      yield* Effect.scoped(Effect.gen(function*() {
        const { id } = yield* slots.acquire({ ...request("a"), workdir: "/linked" })
        yield* settle
        assert.deepStrictEqual([id, machine.alive], ["a-2", 1])
      }))
    }))

  it.effect("are destroyed when nothing can make them clean", () =>
    Effect.gen(function*() {
      const { machine, slots } = yield* setUp()
      machine.resetting = Effect.fail(new SandboxError({ reason: new SlotLost({ slot: "a", detail: "stuck" }) }))
      const first = yield* use(slots, "a", {}, "batch")
      assert.notStrictEqual(yield* use(slots, "a", {}, "batch"), first)
      yield* settle
      assert.strictEqual(machine.resets, 2)
    }))
})
