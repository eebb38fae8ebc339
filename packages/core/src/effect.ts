/**
 * The same words for programs written in Effect: effects and streams that a `Grid` answers.
 *
 * @module
 */
export * as Errors from "./client/errors.ts"
export { librarySentence as explain } from "./client/librarySentences.ts"
export type { BatchItems } from "./sdk/batchOptions.ts"
export type { BatchCause, BatchInfo, BatchResult, BatchSummary } from "./sdk/batchResults.ts"
export type { CostReport, CostSettings, ListFilter, RetryChanges } from "./sdk/ask.ts"
export type { Failure } from "./sdk/failure.ts"
export type { ExecutionInfo, Status } from "./sdk/info.ts"
export type { InlineCode, InputContent, JobOptions } from "./sdk/options.ts"
export type { LogChunk, OutputInfo, RefusedFile, RunResult, WrittenFile } from "./sdk/results.ts"
export {
  type BatchOfSettings,
  type BatchRun,
  type BatchSettings,
  type ExecutionHandle,
  Grid,
  type RunSettings,
  type WaitSettings
} from "./sdk/service/Grid.ts"
export { type GridOptions, layer, layerFromEnvironment } from "./sdk/service/live.ts"
export {
  batch,
  batchOf,
  batchResults,
  cancel,
  cost,
  download,
  execution,
  list,
  logs,
  outputs,
  remove,
  retry,
  run,
  status,
  submit
} from "./sdk/service/words.ts"
