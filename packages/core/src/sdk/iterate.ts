/** Streams as `for await` reads them: leaving the loop ends the reading, a signal ends it by its reason. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ClientError } from "../client/errors.ts"
import { type CallOptions, live, type Needs } from "./connection.ts"
import { told } from "./errors.ts"

/** What a loop rejects with when its signal says so. */
class Left {
  readonly reason: unknown

  constructor(reason: unknown) {
    this.reason = reason
  }
}

/** Fails once the signal is aborted; never otherwise. */
const aborted = (signal: AbortSignal | undefined): Effect.Effect<never, Left> =>
  signal === undefined ? Effect.never : Effect.callback((resume) => {
    const leave = () => resume(Effect.fail(new Left(signal.reason)))
    if (signal.aborted) return leave()
    signal.addEventListener("abort", leave, { once: true })
    return Effect.sync(() => signal.removeEventListener("abort", leave))
  })

const thrown = (error: ClientError | Left) =>
  Stream.fromEffect(Effect.flatMap(
    Effect.promise(() => error instanceof Left ? Promise.resolve(error.reason) : told(error)),
    (reason: unknown) => Effect.fail(reason)
  ))

export const iterable = <A>(stream: Stream.Stream<A, ClientError, Needs>, options: CallOptions): AsyncIterable<A> =>
  stream.pipe(
    Stream.scoped,
    Stream.provide(live(options)),
    Stream.interruptWhen(aborted(options.signal)),
    Stream.catch(thrown),
    Stream.toAsyncIterable
  )
