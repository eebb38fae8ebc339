import * as Effect from "effect/Effect"
import type { CostReport } from "../api/Costs.ts"
import { type CostOptions as Range, costs } from "../client/costs.ts"
import * as executions from "../client/executions.ts"
import type { State } from "../domain/ExecutionState.ts"
import { type CallOptions, call } from "./connection.ts"
import * as effects from "./effects/ask.ts"
import { type ExecutionInfo, info } from "./info.ts"
import { iterable } from "./iterate.ts"
import type { LogChunk, OutputInfo, WrittenFile } from "./results.ts"

/** Where an execution stands. Rejects with code `ExecutionUnknown` for an id that is not the account's. */
export const status = (id: string, options: CallOptions = {}): Promise<ExecutionInfo> => call(effects.status(id), options)

/** Asks for the end and answers at once; does nothing to what has ended. */
export const cancel = (id: string, options: CallOptions = {}): Promise<ExecutionInfo> => call(effects.cancel(id), options)

/** Deletes an ended execution with its outputs and logs. Rejects with `ExecutionUnended` for one that still runs. */
export const remove = (id: string, options: CallOptions = {}): Promise<void> =>
  call(Effect.asVoid(executions.remove(id)), options)

export interface RetryOptions extends CallOptions {
  /** Added to the variables it had. */
  readonly env?: Readonly<Record<string, string>>
  /** Seconds. */
  readonly timeout?: number
  readonly cpu?: number
  /** Bytes. */
  readonly memory?: number
  /** The same key gives the same execution, however often it is sent. */
  readonly idempotencyKey?: string
}

/** Runs the job of an ended execution once more; answers the new execution, which points to it by `retryOf`. */
export const retry = (id: string, given: RetryOptions = {}): Promise<ExecutionInfo> => {
  const { cpu, env, idempotencyKey, memory, timeout, ...options } = given
  const over = {
    ...(env === undefined ? {} : { env }),
    ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
    resources: { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memoryBytes: memory }) }
  }
  return call(Effect.map(executions.retry(id, over, idempotencyKey), info), options)
}

export interface ListOptions extends CallOptions {
  /** 1 to 1,000; default 20. */
  readonly limit?: number
  readonly status?: State
  readonly script?: string
  /** Only those with all of these. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** Executions, newest first. */
export const list = ({ limit, metadata, status, script, ...options }: ListOptions = {}): Promise<ReadonlyArray<ExecutionInfo>> =>
  call(
    executions.list({
      ...(limit === undefined ? {} : { limit }),
      ...(status === undefined ? {} : { status }),
      ...(script === undefined ? {} : { script }),
      ...(metadata === undefined ? {} : { metadata })
    }).pipe(Effect.map((found) => found.map(info))),
    options
  )

export interface CostOptions extends CallOptions, Range {
  /** Default `day`. */
  readonly by?: "day" | "month"
}

/** What executions cost, by the day they ended on here. Amounts are micros: 1,000,000 are 1 EUR. */
export const cost = ({ by, days, from, timeZone, to, ...options }: CostOptions = {}): Promise<CostReport> =>
  call(
    costs({
      ...(days === undefined ? {} : { days }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(timeZone === undefined ? {} : { timeZone })
    }, by),
    options
  )

/** What the script made, without fetching it. */
export const outputs = (id: string, options: CallOptions = {}): Promise<ReadonlyArray<OutputInfo>> =>
  call(effects.outputs(id), options)

/** Writes an execution's outputs below `directory` (default: the working directory); answers what was written. */
export const download = (
  id: string,
  directory?: string,
  options: CallOptions = {}
): Promise<ReadonlyArray<WrittenFile>> => call(effects.download(id, directory), options)

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
