/** A grid as programs written in Effect see it: the words of the library as a service that a test can put in memory. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { ClientError } from "../../client/errors.ts"
import type { CostReport, CostSettings, ListFilter, RetryChanges } from "../ask.ts"
import type { BatchOfOptions, BatchOptions } from "../batchOptions.ts"
import type { BatchInfo, BatchResult, BatchSummary } from "../batchResults.ts"
import type { CallOptions } from "../connection.ts"
import type { ExecutionInfo } from "../info.ts"
import type { Wanted } from "../job.ts"
import type { RunOptions } from "../options.ts"
import type { LogChunk, OutputInfo, RunResult } from "../results.ts"

/** As the Promise API has them, without what a layer or an interruption says. */
export interface RunSettings extends Omit<RunOptions, keyof CallOptions> {}
export interface BatchSettings extends Omit<BatchOptions, keyof CallOptions> {}
export interface BatchOfSettings extends Omit<BatchOfOptions, keyof CallOptions> {}
export interface WaitSettings extends Pick<RunOptions, "onStdout" | "onStderr" | "outputDirectory"> {}

type Told<A> = Effect.Effect<A, ClientError>

/** An execution, from wherever it was started. */
export interface ExecutionHandle {
  readonly id: string
  readonly status: Told<ExecutionInfo>
  /** Its end, with all of its output. Files are written where `run` writes them. */
  readonly wait: Told<RunResult>
  /** Its output from the first byte, or behind a chunk's cursor, live until it ends. */
  readonly logs: (from?: string) => Stream.Stream<LogChunk, ClientError>
  readonly outputs: Told<ReadonlyArray<OutputInfo>>
  /** Tells what was written below `directory` and what not. Default: the working directory. */
  readonly download: (directory?: string) => Told<Pick<RunResult, "outputs" | "refused">>
  readonly cancel: Told<ExecutionInfo>
}

/** A batch that the grid knows. */
export interface BatchRun {
  readonly id: string
  /** Each item's result as soon as it is all here; a failed one as well. From the first one each time it is run. */
  readonly results: Stream.Stream<BatchResult, ClientError>
  /** Its end. Outputs are written where they belong. */
  readonly wait: Told<BatchSummary>
  /** Returns when the grid has all it needs. */
  readonly submitted: Told<BatchInfo>
  readonly progress: Told<BatchInfo>
  readonly cancel: Told<BatchInfo>
}

export class Grid extends Context.Service<Grid, {
  readonly run: (wanted: Wanted<RunSettings>) => Told<RunResult>
  readonly submit: (wanted: Wanted<RunSettings>) => Told<ExecutionHandle>
  readonly execution: (id: string, settings: WaitSettings) => ExecutionHandle
  /** The scope holds what still has to be sent; closed early, what was sent goes on. */
  readonly batch: (wanted: Wanted<BatchSettings>) => Effect.Effect<BatchRun, ClientError, Scope.Scope>
  readonly batchOf: (id: string, settings: BatchOfSettings) => Told<BatchRun>
  readonly remove: (id: string) => Told<void>
  readonly retry: (id: string, changes: RetryChanges) => Told<ExecutionInfo>
  readonly list: (filter: ListFilter) => Told<ReadonlyArray<ExecutionInfo>>
  readonly cost: (settings: CostSettings) => Told<CostReport>
}>()("rgrid/Grid") {}
