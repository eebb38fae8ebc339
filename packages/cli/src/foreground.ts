import * as Effect from "effect/Effect"

/**
 * Server and runner have their own copy of Effect, while this program is bundled with another: nothing of either's Effect
 * crosses, only plain values and a promise. Interrupted, the program is told so and waited for.
 */
export const foreground = (run: (signal: AbortSignal) => Promise<void>): Effect.Effect<void, unknown> =>
  Effect.callback((resume) => {
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
