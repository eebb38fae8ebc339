/** The words of the library, as effects that a `Grid` answers. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { ClientError } from "../../client/errors.ts"
import type { CostReport, CostSettings, ListFilter, RetryChanges } from "../ask.ts"
import type { BatchResult } from "../batchResults.ts"
import type { ExecutionInfo } from "../info.ts"
import { wanted } from "../job.ts"
import type { InlineCode } from "../options.ts"
import type { LogChunk, OutputInfo, RunResult } from "../results.ts"
import {
  type BatchOfSettings,
  type BatchRun,
  type BatchSettings,
  type ExecutionHandle,
  Grid,
  type RunSettings,
  type WaitSettings
} from "./Grid.ts"

type Asked<A> = Effect.Effect<A, ClientError, Grid>
type Args = ReadonlyArray<string>

/** Runs a script as `python script args` would here, and waits for it. One that fails is a result. */
export function run(script: string, args?: Args, settings?: RunSettings): Asked<RunResult>
export function run(inline: InlineCode & RunSettings): Asked<RunResult>
export function run(script: string | (InlineCode & RunSettings), args?: Args, settings?: RunSettings): Asked<RunResult> {
  return Grid.use((grid) => grid.run(wanted(script, args, settings)))
}

/** As `run`, without waiting: returns when the grid has all it needs. */
export function submit(script: string, args?: Args, settings?: RunSettings): Asked<ExecutionHandle>
export function submit(inline: InlineCode & RunSettings): Asked<ExecutionHandle>
export function submit(
  script: string | (InlineCode & RunSettings),
  args?: Args,
  settings?: RunSettings
): Asked<ExecutionHandle> {
  return Grid.use((grid) => grid.submit(wanted(script, args, settings)))
}

/** The handle of an execution that was started elsewhere; nothing of what it makes is written without `outputDirectory`. */
export const execution = (id: string, settings: WaitSettings = {}): Effect.Effect<ExecutionHandle, never, Grid> =>
  Grid.useSync((grid) => grid.execution(id, settings))

/** Runs a script once for each of many items. Returns when the grid knows them all; what it lacks is sent meanwhile. */
export function batch(
  script: string,
  args: Args | undefined,
  settings: BatchSettings
): Effect.Effect<BatchRun, ClientError, Grid | Scope.Scope>
export function batch(inline: InlineCode & BatchSettings): Effect.Effect<BatchRun, ClientError, Grid | Scope.Scope>
export function batch(
  script: string | (InlineCode & BatchSettings),
  args?: Args,
  settings?: BatchSettings
): Effect.Effect<BatchRun, ClientError, Grid | Scope.Scope> {
  return Grid.use((grid) => grid.batch(wanted(script, args, settings)))
}

/** A batch that was started elsewhere; nothing of what it makes is written without `outputDirectory`. */
export const batchOf = (id: string, settings: BatchOfSettings = {}): Asked<BatchRun> =>
  Grid.use((grid) => grid.batchOf(id, settings))

/** The results of a batch's items as they end, and nothing else of it. */
export function batchResults(
  script: string,
  args: Args | undefined,
  settings: BatchSettings
): Stream.Stream<BatchResult, ClientError, Grid>
export function batchResults(inline: InlineCode & BatchSettings): Stream.Stream<BatchResult, ClientError, Grid>
export function batchResults(
  script: string | (InlineCode & BatchSettings),
  args?: Args,
  settings?: BatchSettings
): Stream.Stream<BatchResult, ClientError, Grid> {
  const started = Grid.use((grid) => grid.batch(wanted(script, args, settings)))
  return Stream.scoped(Stream.unwrap(Effect.map(started, ({ results }) => results)))
}

const handle = <A>(id: string, ask: (handle: ExecutionHandle) => Effect.Effect<A, ClientError>): Asked<A> =>
  Grid.use((grid) => ask(grid.execution(id, {})))

/** Where an execution stands. */
export const status = (id: string): Asked<ExecutionInfo> => handle(id, (one) => one.status)

/** Its output from the first byte, or behind a chunk's cursor, live until it ends. */
export const logs = (id: string, from?: string): Stream.Stream<LogChunk, ClientError, Grid> =>
  Stream.unwrap(Grid.useSync((grid) => grid.execution(id, {}).logs(from)))

/** What it made, without fetching it. */
export const outputs = (id: string): Asked<ReadonlyArray<OutputInfo>> => handle(id, (one) => one.outputs)

/** Writes what it made below `directory` (default: the working directory); tells what was written and what not. */
export const download = (id: string, directory?: string): Asked<Pick<RunResult, "outputs" | "refused">> =>
  handle(id, (one) => one.download(directory))

/** Asks for its end and answers at once. */
export const cancel = (id: string): Asked<ExecutionInfo> => handle(id, (one) => one.cancel)

/** Deletes an ended execution with its outputs and logs. */
export const remove = (id: string): Asked<void> => Grid.use((grid) => grid.remove(id))

/** Runs the job of an ended execution once more. */
export const retry = (id: string, changes: RetryChanges = {}): Asked<ExecutionInfo> =>
  Grid.use((grid) => grid.retry(id, changes))

/** Executions, newest first. */
export const list = (filter: ListFilter = {}): Asked<ReadonlyArray<ExecutionInfo>> => Grid.use((grid) => grid.list(filter))

/** What executions cost, by the day they ended on here. */
export const cost = (settings: CostSettings = {}): Asked<CostReport> => Grid.use((grid) => grid.cost(settings))
