/** An image that is not on the engine: how far it is, what it sets, and one that is nowhere. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Sandbox, type SlotRequest } from "rgrid/ports/Sandbox"
import { sandboxLayer } from "./fixture.ts"
import * as registry from "./registry.ts"

const request = (image: string): SlotRequest => ({ image, workdir: "/work", outside: [], limits: {}, network: "none" })

it.live("tells how many bytes of it are there while a slot waits for it, and what it sets", () =>
  Effect.gen(function*() {
    const { giveRest, image, layerBytes } = yield* registry.make
    const sandbox = yield* Sandbox
    assert.isNull(yield* sandbox.pulling(image))
    const making = yield* Effect.forkChild(sandbox.prepare(request(image)))
    const half = yield* Effect.repeat(sandbox.pulling(image), {
      until: (pull) => pull !== null && pull.doneBytes > 0
    }).pipe(Effect.timeout("30 seconds"))
    assert.strictEqual(half?.totalBytes, layerBytes)
    assert.isBelow(half?.doneBytes ?? 0, layerBytes)
    giveRest()
    const slot = yield* Fiber.join(making)
    assert.deepStrictEqual(slot.environment, { PATH: "/bin" })
    assert.isNull(yield* sandbox.pulling(image))
  }).pipe(Effect.scoped, Effect.provide(sandboxLayer("pull"))), 60_000)

it.live("fails with ImageNotFound where the registry knows none, and leaves no pull behind", () =>
  Effect.gen(function*() {
    const { image } = yield* registry.make
    const sandbox = yield* Sandbox
    const missing = image.replace("acme/tool", "acme/tol")
    const error = yield* Effect.flip(sandbox.prepare(request(missing)))
    assert.strictEqual(error.reason._tag, "ImageNotFound")
    assert.isNull(yield* sandbox.pulling(missing))
  }).pipe(Effect.scoped, Effect.provide(sandboxLayer("pull-missing"))), 60_000)
