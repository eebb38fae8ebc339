import type { CostOptions as Range } from "../client/costs.ts"
import { type CallOptions, call, callStaged } from "./connection.ts"
import * as effects from "./effects/ask.ts"
import type { ExecutionInfo } from "./info.ts"
import { iterable } from "./iterate.ts"
import type { LogChunk, OutputInfo, RunResult } from "./results.ts"

/** Where an execution stands. Rejects with code `ExecutionUnknown` for an id that is not the account's. */
export const status = (id: string, options: CallOptions = {}): Promise<ExecutionInfo> => call(effects.status(id), options)

/** Asks for the end and answers at once; does nothing to what has ended. */
export const cancel = (id: string, options: CallOptions = {}): Promise<ExecutionInfo> => call(effects.cancel(id), options)

/** Deletes an ended execution with its outputs and logs. Rejects with `ExecutionUnended` for one that still runs. */
export const remove = (id: string, options: CallOptions = {}): Promise<void> =>
  call(effects.remove(id), options)

/** What is another when a job runs once more. */
export interface RetryChanges {
  /** Added to the variables it had. */
  readonly env?: Readonly<Record<string, string>>
  /** Seconds. */
  readonly timeout?: number
  /** Cores. */
  readonly cpu?: number
  /** Bytes. */
  readonly memory?: number
  /** The same key gives the same execution, however often it is sent. Default: a new one each call. */
  readonly idempotencyKey?: string
}

export interface RetryOptions extends RetryChanges, CallOptions {}

/** Runs the job of an ended execution once more; answers the new execution, which points to it by `retryOf`. */
export const retry = (id: string, options: RetryOptions = {}): Promise<ExecutionInfo> =>
  callStaged(effects.retry(id, options), options)

export interface ListFilter {
  /** 1 to 1,000; default 20. */
  readonly limit?: number
  /** As the grid tells them apart; `timed out` is `timed_out`. Default: all. */
  readonly status?:
    | "uploading"
    | "held"
    | "building"
    | "queued"
    | "leased"
    | "running"
    | "completed"
    | "failed"
    | "timed_out"
    | "timed out"
    | "canceled"
  /** As it was typed. Default: all. */
  readonly script?: string
  /** Only those with all of these. */
  readonly metadata?: Readonly<Record<string, string>>
}

export interface ListOptions extends ListFilter, CallOptions {}

/** Executions, newest first. */
export const list = (options: ListOptions = {}): Promise<ReadonlyArray<ExecutionInfo>> => callStaged(effects.list(options), options)

/** What executions cost that ended on the days from `from` to `to` of a time zone. */
export interface CostReport {
  /** First and last day or month: `2026-11-21`, `2026-11`. */
  readonly from: string
  readonly to: string
  /** As `Europe/Berlin`: where days begin and end. */
  readonly timeZone: string
  /** One for each day or month, those without executions too. */
  readonly rows: ReadonlyArray<CostSum & { readonly date: string }>
  /** All of them together. */
  readonly total: CostSum
}

interface CostSum {
  /** That ended then. */
  readonly executions: number
  /** Time in slots, all attempts together. */
  readonly computeMicroseconds: number
  /** 1,000,000 are 1 EUR. */
  readonly micros: number
}

export interface CostSettings extends Range {
  /** Default `day`. */
  readonly by?: "day" | "month"
}

export interface CostOptions extends CallOptions, CostSettings {}

/** What executions cost, by the day they ended on here. Amounts are micros: 1,000,000 are 1 EUR. */
export const cost = (options: CostOptions = {}): Promise<CostReport> => callStaged(effects.cost(options), options)

/** What the script made, without fetching it. */
export const outputs = (id: string, options: CallOptions = {}): Promise<ReadonlyArray<OutputInfo>> =>
  call(effects.outputs(id), options)

/** Writes an execution's outputs below `directory` (default: the working directory); tells what was written and what not. */
export const download = (
  id: string,
  directory?: string,
  options: CallOptions = {}
): Promise<Pick<RunResult, "outputs" | "refused">> => call(effects.download(id, directory), options)

export interface LogOptions extends CallOptions {
  /** The cursor of a chunk that was read before: goes on behind it. Default: from the first byte. */
  readonly from?: string
}

/**
 * An execution's output, live until it ends: byte-exact, across lost connections. Leaving the loop ends the reading; an
 * aborted signal ends it by a rejection with its reason.
 */
export const logs = (id: string, options: LogOptions = {}): AsyncIterable<LogChunk> =>
  iterable(effects.logs(id, options.from), options)
