import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { resolve } from "node:path"
import type { CostReport } from "../api/Costs.ts"
import { bringBack } from "../client/bringBack.ts"
import { type CostOptions as Range, costs } from "../client/costs.ts"
import * as executions from "../client/executions.ts"
import { follow } from "../client/follow.ts"
import type { State } from "../domain/ExecutionState.ts"
import { type CallOptions, call, live } from "./connection.ts"
import { RGridError } from "./errors.ts"
import { type ExecutionInfo, info } from "./info.ts"

/** Where an execution stands. Rejects with code `ExecutionUnknown` for an id that is not the account's. */
export const status = (id: string, options: CallOptions = {}): Promise<ExecutionInfo> =>
  call(Effect.map(executions.get(id), info), options)

/** Asks for the end and answers at once; does nothing to what has ended. */
export const cancel = (id: string, options: CallOptions = {}): Promise<ExecutionInfo> =>
  call(Effect.map(executions.cancel(id), info), options)

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

export interface OutputInfo {
  readonly path: string
  readonly type: "file" | "directory"
  readonly bytes: number
}

/** What the script made, without fetching it. */
export const outputs = (id: string, options: CallOptions = {}): Promise<ReadonlyArray<OutputInfo>> =>
  call(
    executions.outputs(id).pipe(Effect.map(({ manifest }) =>
      manifest.outputs.map(({ content, path, type }) => ({ path, type, bytes: content?.size ?? 0 }))
    )),
    options
  )

/** Writes an execution's outputs below `directory` (default: the working directory); answers what was written. */
export const download = (
  id: string,
  directory: string = process.cwd(),
  options: CallOptions = {}
): Promise<ReadonlyArray<{ readonly path: string; readonly bytes: number }>> =>
  call(
    executions.get(id).pipe(
      Effect.flatMap((execution) => bringBack(execution, { directory: resolve(directory), since: DateTime.toEpochMillis(execution.createdAt) })),
      Effect.map((back) => back.written)
    ),
    options
  )

export interface LogChunk {
  readonly stream: "stdout" | "stderr"
  readonly bytes: Uint8Array
  readonly time: Date
}

/**
 * An execution's output from its first byte, live until it ends: byte-exact, across lost connections. Leaving the loop
 * ends the reading.
 */
export const logs = (id: string, options: CallOptions = {}): AsyncIterable<LogChunk> =>
  Stream.unwrap(Effect.map(executions.resolve(id), (whole) => follow(whole))).pipe(
    Stream.filterMap((event) =>
      event._tag === "Output"
        ? Result.succeed({ stream: event.stream, bytes: event.bytes, time: new Date(event.time / 1000) })
        : Result.failVoid
    ),
    Stream.provide(live(options)),
    Stream.mapError((error) => new RGridError(error)),
    Stream.toAsyncIterable
  )
