import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** This worker's own disk would not do what was asked. Another attempt, elsewhere or later, may succeed. */
export class FileTrouble extends Schema.TaggedError<FileTrouble>()("FileTrouble", {
  path: Schema.String,
  detail: Schema.String
}) {}

/** What follows a `FileTrouble` is decided by one place; here is only told which path. */
export const onDisk = <A>(path: string, act: (signal: AbortSignal) => Promise<A>): Effect.Effect<A, FileTrouble> =>
  Effect.tryPromise({
    try: act,
    catch: (cause) => new FileTrouble({ path, detail: cause instanceof Error ? cause.message : String(cause) })
  })

export const codeOf = (cause: unknown): string => (cause as NodeJS.ErrnoException | null)?.code ?? ""
