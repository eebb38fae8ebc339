/** Single questions to a grid about batches. An id may be the beginning of one. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { randomUUID } from "node:crypto"
import type { BatchRetry, CauseGroup, FinishedPage } from "../../api/Batches.ts"
import type { Batch } from "../../domain/Batch.ts"
import type { Execution } from "../../domain/Execution.ts"
import type { State } from "../../domain/ExecutionState.ts"
import type { GridError } from "../errors.ts"
import { GridClient } from "../GridClient.ts"

type Asked<A> = Effect.Effect<A, GridError, GridClient>

/** Whether what was typed means a batch. */
export const isBatch = (typed: string): boolean => typed.toLowerCase().startsWith("batch_")

export const get = (id: string): Asked<Batch> =>
  GridClient.use((grid) => grid.ask(grid.api.batches.get({ params: { id } })))

/** Newest first. `limit`: 1 to 1,000. */
export const list = (limit: number): Asked<ReadonlyArray<Batch>> =>
  GridClient.use((grid) => grid.ask(grid.api.batches.list({ query: { limit } }))).pipe(
    Effect.map((page) => page.batches)
  )

/** The failed members by cause, the most frequent first. */
export const causes = (id: string): Asked<ReadonlyArray<CauseGroup>> =>
  GridClient.use((grid) => grid.ask(grid.api.batches.causes({ params: { id } }))).pipe(
    Effect.map((page) => page.causes)
  )

/** Ends what waits and asks for the end of what runs; returns at once. */
export const cancel = (id: string): Asked<Batch> =>
  GridClient.use((grid) => grid.ask(grid.api.batches.cancel({ params: { id } })))

/** Runs ended members once more, as a new batch. The same key gives the same one, however often it is sent. */
export const retry = (id: string, retry: BatchRetry, idempotencyKey: string = randomUUID()): Asked<Batch> =>
  GridClient.use((grid) =>
    grid.ask(grid.api.batches.retry({ params: { id }, headers: { "idempotency-key": idempotencyKey }, payload: retry }))
  )

/** Deletes an ended batch with its executions, outputs and logs; answers its whole id. */
export const remove = (id: string): Asked<string> =>
  GridClient.use((grid) => grid.ask(grid.api.batches.remove({ params: { id } }))).pipe(Effect.map((gone) => gone.id))

export interface MembersOptions {
  /** Default: all. */
  readonly limit?: number
  readonly status?: State | ReadonlyArray<State>
}

const largestPage = 1000

/** Its executions in the order of its items, read page by page. */
export const members = (
  id: string,
  { limit = Number.POSITIVE_INFINITY, status }: MembersOptions = {}
): Stream.Stream<Execution, GridError, GridClient> => {
  const filter = status === undefined ? {} : { status: typeof status === "string" ? [status] : status }
  return Stream.paginate(0, (after: number) =>
    GridClient.use((grid) =>
      grid.ask(grid.api.batches.members({ params: { id }, query: { limit: Math.min(limit, largestPage), after, ...filter } }))
    ).pipe(Effect.map((page) => [page.executions, Option.fromUndefinedOr(page.next)] as const))).pipe(Stream.take(limit))
}

export interface FinishedRequest {
  readonly after: number
  /** Seconds to wait for something to be there. */
  readonly wait?: number
}

/** Most members that one answer names. */
export const finishedPage = 200

/** Members that ended behind the end `after`, in the order of their ends. */
export const finished = (id: string, request: FinishedRequest): Asked<FinishedPage> =>
  GridClient.use((grid) =>
    grid.ask(grid.api.batches.finished({ params: { id }, query: { limit: finishedPage, ...request } }))
  )

/** All that have ended by now, in the order of their ends. */
export const ended = (id: string): Stream.Stream<Execution, GridError, GridClient> =>
  Stream.paginate(0, (after: number) =>
    Effect.map(finished(id, { after }), ({ executions, next }) =>
      [executions, executions.length === 0 ? Option.none() : Option.some(next)] as const))

/** The member of that number, from 1; null for none. */
export const memberAt = (id: string, position: number): Asked<Execution | null> =>
  GridClient.use((grid) =>
    grid.ask(grid.api.batches.members({ params: { id }, query: { limit: 1, after: Math.max(0, position - 1) } }))
  ).pipe(Effect.map(({ executions: [found] }) => found?.batch?.position === position ? found : null))
