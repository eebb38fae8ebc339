import * as Effect from "effect/Effect"
import { setFlagsFromString } from "node:v8"

/**
 * What streams through them counts as garbage of a heap of 40 MB, and makes V8 collect all of it every 20 MB. With more
 * room a flood of output costs half; an idle program stays as small as it is. Node takes no such flag from its environment.
 */
const roomier = "--heap-growing-percent=250"

/**
 * Server and runner have their own copy of Effect, while this program is bundled with another: nothing of either's Effect
 * crosses, only plain values and a promise. Interrupted, the program is told so and waited for.
 */
export const foreground = (run: (signal: AbortSignal) => Promise<void>): Effect.Effect<void, unknown> =>
  Effect.callback((resume) => {
    setFlagsFromString(roomier)
    const controller = new AbortController()
    const ended = run(controller.signal).then(
      () => resume(Effect.void),
      (cause: unknown) => resume(Effect.fail(cause))
    )
    return Effect.promise(() => {
      controller.abort()
      return ended
    })
  })
