/** Single questions to a grid. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { randomUUID } from "node:crypto"
import type { Execution } from "../domain/Execution.ts"
import type { State } from "../domain/ExecutionState.ts"
import { ExecutionId } from "../domain/Id.ts"
import type { RetryOverrides } from "../domain/Retry.ts"
import type { OutputList } from "../api/Executions.ts"
import type { Worker } from "../api/Account.ts"
import type { WhyFacts } from "../domain/Why.ts"
import type { GridError } from "./errors.ts"
import { GridClient } from "./GridClient.ts"

type Asked<A> = Effect.Effect<A, GridError, GridClient>

export const get = (id: string): Asked<Execution> =>
  GridClient.use((grid) => grid.ask(grid.api.executions.get({ params: { id }, query: {} })))

/** What explains where it stands and what it took: `domain/Why.ts` makes the answer of it. */
export const whyFacts = (id: string): Asked<WhyFacts> =>
  GridClient.use((grid) => grid.ask(grid.api.executions.why({ params: { id } })))

/** The whole id of the execution whose id begins so; of a whole one, itself. */
export const resolve = (id: string): Asked<string> =>
  isWhole(id) ? Effect.succeed(id) : Effect.map(get(id), (execution) => execution.id)

const isWhole = Schema.is(ExecutionId)

/** Asks for the end; returns at once. Does nothing to what has ended. */
export const cancel = (id: string): Asked<Execution> =>
  GridClient.use((grid) => grid.ask(grid.api.executions.cancel({ params: { id } })))

/** Deletes an ended execution with its outputs and logs; answers its whole id. */
export const remove = (id: string): Asked<string> =>
  GridClient.use((grid) => grid.ask(grid.api.executions.remove({ params: { id } }))).pipe(Effect.map((gone) => gone.id))

/**
 * Runs the job of an ended execution once more, as a new execution. The same key gives the same one, however often it is
 * sent; default: a new one each call.
 */
export const retry = (id: string, over: RetryOverrides = {}, idempotencyKey: string = randomUUID()): Asked<Execution> =>
  GridClient.use((grid) =>
    grid.ask(grid.api.executions.retry({
      params: { id },
      headers: { "idempotency-key": idempotencyKey },
      payload: over
    }))
  )

export const outputs = (id: string): Asked<OutputList> =>
  GridClient.use((grid) => grid.ask(grid.api.executions.outputs({ params: { id } })))

export interface ListOptions {
  /** 1 to 1,000; default 20. */
  readonly limit?: number
  readonly status?: State
  readonly script?: string
  /** All of these. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** Newest first. */
export const list = ({ limit = 20, metadata = {}, ...filter }: ListOptions = {}): Asked<ReadonlyArray<Execution>> =>
  GridClient.use((grid) =>
    grid.ask(grid.api.executions.list({ query: { limit, ...filter, metadata: Object.entries(metadata).map(([key, value]) => `${key}=${value}`) } })).pipe(Effect.map((page) => page.executions))
  )

export const workers: Asked<ReadonlyArray<Worker>> = GridClient.use((grid) => grid.ask(grid.api.account.workers()))
