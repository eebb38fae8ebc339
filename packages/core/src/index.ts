/**
 * RGrid: run any script, unchanged, somewhere else.
 *
 * @module
 */
export { cancel, cost, download, list, logs, outputs, remove, retry, status } from "./sdk/ask.ts"
export type { CostReport } from "./api/Costs.ts"
export type { CostOptions, ListOptions, LogChunk, OutputInfo, RetryOptions } from "./sdk/ask.ts"
export type { CallOptions } from "./sdk/connection.ts"
export { RGridError } from "./sdk/errors.ts"
export type { ExecutionInfo } from "./sdk/info.ts"
export { run } from "./sdk/run.ts"
export type { RunOptions, RunResult } from "./sdk/run.ts"
