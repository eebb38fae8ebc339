import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { isFinal } from "../domain/ExecutionState.ts"
import type { AccountId, ExecutionId } from "../domain/Id.ts"
import { decode, headerBytes, type LogFrame, maxPayloadBytes } from "../domain/LogFrame.ts"
import { ExecutionStore } from "../ports/ExecutionStore.ts"
import { LogStore } from "../ports/LogStore.ts"

export interface PageRequest {
  /** Absent: the newest attempt. */
  readonly attempt?: number
  /** Position in that attempt's framed log; default 0. */
  readonly offset?: number
  /** How long to wait for something to be there; default not at all. */
  readonly wait?: Duration.Duration
}

/** The offset is inside a frame: pages go on where the one before said. */
export class NoFrameThere extends Schema.TaggedError<NoFrameThere>()("NoFrameThere", { offset: Schema.Int }) {}

export interface Page {
  readonly attempt: number
  readonly segments: ReadonlyArray<LogFrame>
  readonly next: number
  readonly ended: boolean
}

/** Bytes of one page; always room for one whole frame. */
const pageBytes = 1024 * 1024 + headerBytes + maxPayloadBytes

const page = Effect.fnUntraced(function*(account: AccountId, id: ExecutionId, request: PageRequest) {
  const logs = yield* LogStore
  const execution = yield* ExecutionStore.use((store) => store.find(account, id))
  const attempt = request.attempt ?? execution.attempt
  const at = { execution: id, fence: attempt }
  const offset = request.offset ?? 0
  const bytes = attempt === 0 ? new Uint8Array(0) : yield* logs.read(at, offset, pageBytes)
  const { consumed, frames, malformed } = decode(bytes)
  if (malformed) return yield* new NoFrameThere({ offset: offset + consumed })
  const over = isFinal(execution.state) || attempt < execution.attempt
  // Sealed before the state said so: what was read after the state is all there is.
  const ended = over && (attempt === 0 || offset + consumed >= (yield* logs.length(at)))
  return { attempt, segments: frames, next: offset + consumed, ended } satisfies Page
})

/** One page of an attempt's log. With `wait` it is answered as soon as there is something, or nothing more to come. */
export const readLog = Effect.fn("grid.readLog")(function*(account: AccountId, id: ExecutionId, request: PageRequest) {
  const first = yield* page(account, id, request)
  if (first.segments.length > 0 || first.ended || request.wait === undefined) return first
  const logs = yield* LogStore
  const at = { execution: id, fence: first.attempt }
  // An end changes no log, and an attempt may begin: both are looked for twice a second.
  const looks = Stream.merge(logs.changes(at), Stream.tick(Duration.millis(500)))
  return yield* looks.pipe(
    Stream.mapEffect(() => page(account, id, request)),
    Stream.filter((found) => found.segments.length > 0 || found.ended),
    Stream.runHead,
    Effect.flatMap((found) => Effect.fromOption(found)),
    Effect.timeoutOrElse({ duration: request.wait, orElse: () => Effect.succeed(first) }),
    Effect.catchTag("NoSuchElementError", () => Effect.succeed(first))
  )
})
