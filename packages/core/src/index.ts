/**
 * RGrid: run any script, unchanged, somewhere else.
 *
 * @module
 */
export { cancel, cost, download, list, logs, outputs, remove, retry, status } from "./sdk/ask.ts"
export type { CostOptions, CostReport, ListOptions, LogOptions, RetryOptions } from "./sdk/ask.ts"
export { batch, batchOf, type BatchRun } from "./sdk/batch.ts"
export type { BatchOfOptions, BatchOptions } from "./sdk/batchOptions.ts"
export type { BatchCause, BatchInfo, BatchResult, BatchSummary } from "./sdk/batchResults.ts"
export type { CallOptions } from "./sdk/connection.ts"
export { type ErrorCode, RGridError } from "./sdk/errors.ts"
export { execution, type ExecutionHandle, type ExecutionOptions } from "./sdk/handle.ts"
export type { Failure } from "./sdk/failure.ts"
export type { ExecutionInfo } from "./sdk/info.ts"
export type { InlineCode, InputContent, RunOptions } from "./sdk/options.ts"
export type { LogChunk, OutputInfo, RunResult, WrittenFile } from "./sdk/results.ts"
export { run, submit } from "./sdk/run.ts"
