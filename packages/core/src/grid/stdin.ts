/**
 * The stdin of a script that runs, for one whose whole stdin can't be had before: a log (`LogStore`) of its own, under
 * attempt 0, appended by the client and read from its start by each attempt. Sealed, it has ended.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import { isFinal } from "../domain/ExecutionState.ts"
import type { AccountId, ExecutionId } from "../domain/Id.ts"
import { decode, headerBytes, maxPayloadBytes } from "../domain/LogFrame.ts"
import { type Attempt, ExecutionStore } from "../ports/ExecutionStore.ts"
import { LogStore } from "../ports/LogStore.ts"

/** How far what is sent may be ahead of what was read, so that a flood nobody reads fills no disk (64 MiB). */
const ahead = 64 * 1024 * 1024

/** How long an append waits for the script to read. The client asks again. */
const patience = Duration.seconds(10)

/** A client that stayed silent for so long is gone: nothing more will come, and a script must not wait for it. */
export const abandonment = Duration.minutes(5)

/** Known at a time, about; the oldest is only forgotten how far it was read. */
const mostKnown = 10_000

/** Bytes of one page; always room for one whole frame. */
export const pageBytes = 1024 * 1024 + headerBytes + maxPayloadBytes

/** What was sent to its stdin, as if it were the log of an attempt before the first. */
export const spoolOf = (execution: ExecutionId): Attempt => ({ execution, fence: 0 })

/** The frames that are whole, of bytes that begin with one. */
export const wholeFrames = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, decode(bytes).consumed)

interface Flow {
  /** Position up to which any attempt has read. */
  readonly read: SubscriptionRef.SubscriptionRef<number>
  /** When the client was last heard, milliseconds since 1970. */
  heard: number
}

/** Who reads and who sends, as far as this server has seen since it started. */
export class StdinFlows extends Context.Service<StdinFlows, {
  readonly of: (execution: ExecutionId) => Effect.Effect<Flow>
}>()("rgrid/grid/StdinFlows") {
  static readonly layer: Layer.Layer<StdinFlows> = Layer.sync(StdinFlows, () => {
    const flows = new Map<ExecutionId, Flow>()
    return StdinFlows.of({
      of: Effect.fnUntraced(function*(execution) {
        const heard = yield* Clock.currentTimeMillis
        const flow = flows.get(execution) ?? { read: yield* SubscriptionRef.make(0), heard }
        flows.set(execution, flow)
        // The oldest is forgotten, whoever it is: its client then counts as heard of just now.
        for (const oldest of flows.keys()) {
          if (flows.size <= mostKnown) break
          flows.delete(oldest)
        }
        return flow
      })
    })
  })
}

/** Whether the reader is near enough, waiting for it a little. */
const hasRoom = (flow: Flow, offset: number): Effect.Effect<boolean> =>
  SubscriptionRef.changes(flow.read).pipe(
    Stream.filter((read) => offset - read <= ahead),
    Stream.runHead,
    Effect.as(true),
    Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.succeed(false) })
  )

export interface Taken {
  /** Where the next frames belong: unchanged when there was no room. */
  readonly length: number
  /** False: the execution has ended, nobody will read. */
  readonly wanted: boolean
}

/** Takes whole frames at `offset`. None at all only say that the client is there still. */
export const appendStdin = Effect.fn("grid.appendStdin")(function*(
  account: AccountId,
  id: ExecutionId,
  offset: number,
  frames: Uint8Array
) {
  const execution = yield* ExecutionStore.use((store) => store.find(account, id))
  if (isFinal(execution.state)) return { length: offset, wanted: false } satisfies Taken
  const flow = yield* StdinFlows.use((flows) => flows.of(id))
  flow.heard = yield* Clock.currentTimeMillis
  if (frames.length === 0 || !(yield* hasRoom(flow, offset))) return { length: offset, wanted: true } satisfies Taken
  const length = yield* LogStore.use((logs) => logs.append(spoolOf(id), offset, frames))
  return { length, wanted: true } satisfies Taken
})

/** Nothing more will come. Idempotent. */
export const endStdin = Effect.fn("grid.endStdin")(function*(account: AccountId, id: ExecutionId) {
  yield* ExecutionStore.use((store) => store.find(account, id))
  yield* LogStore.use((logs) => logs.seal(spoolOf(id)))
})

export interface StdinPage {
  readonly bytes: Uint8Array
  /** Where the next page starts. */
  readonly next: number
  /** Nothing follows `next`. */
  readonly ended: boolean
}

const page = Effect.fnUntraced(function*(spool: Attempt, offset: number) {
  const logs = yield* LogStore
  // The end is looked for first: what is read after it is all there is.
  const sealed = yield* logs.sealed(spool)
  const { consumed, frames } = decode(yield* logs.read(spool, offset, pageBytes))
  const next = offset + consumed
  const ended = sealed && next >= (yield* logs.length(spool))
  return { bytes: Buffer.concat(frames.map((frame) => frame.bytes)), next, ended } satisfies StdinPage
})

const isThere = (found: StdinPage): boolean => found.bytes.length > 0 || found.ended

/** The next page for a running attempt; waits `wait` for something to be there. Ends what its client has abandoned. */
export const readStdin = Effect.fn("grid.readStdin")(function*(attempt: Attempt, offset: number, wait: Duration.Duration) {
  yield* ExecutionStore.use((store) => store.claimed(attempt))
  const logs = yield* LogStore
  const spool = spoolOf(attempt.execution)
  const flow = yield* StdinFlows.use((flows) => flows.of(attempt.execution))
  yield* SubscriptionRef.update(flow.read, (read) => Math.max(read, offset))
  const first = yield* page(spool, offset)
  if (isThere(first)) return first
  const silent = (yield* Clock.currentTimeMillis) - flow.heard
  if (silent > Duration.toMillis(abandonment)) yield* logs.seal(spool)
  return yield* logs.changes(spool).pipe(
    Stream.mapEffect(() => page(spool, offset)),
    Stream.filter(isThere),
    Stream.runHead,
    Effect.flatMap((found) => Effect.fromOption(found)),
    Effect.timeoutOrElse({ duration: wait, orElse: () => Effect.succeed(first) }),
    Effect.catchTag("NoSuchElementError", () => Effect.succeed(first))
  )
})
