import type * as Effect from "effect/Effect"
import type { ClientError } from "../client/errors.ts"
import { picked } from "../client/picked.ts"
import { cancel, download, logs, type LogOptions, outputs, status } from "./ask.ts"
import { type CallOptions, call, type Needs } from "./connection.ts"
import * as effects from "./effects/run.ts"
import type { ExecutionInfo } from "./info.ts"
import type { RunOptions } from "./options.ts"
import type { LogChunk, OutputInfo, RunResult } from "./results.ts"

/** Every call of a handle may have a signal of its own; else the one counts that the handle was made with. */
type Leaving = Pick<CallOptions, "signal">

export type WaitOptions = Leaving & Pick<RunOptions, "onStdout" | "onStderr">

/** An execution, from wherever it was started. Nothing is kept open for it. */
export interface ExecutionHandle {
  readonly id: string
  /** Where it stands now. */
  status(options?: Leaving): Promise<ExecutionInfo>
  /** Its end, with all of its output: what `run` would have resolved with, its files written where `run` writes them. */
  wait(options?: WaitOptions): Promise<RunResult>
  /** Its output from the first byte, or behind `from`, live until it ends. */
  logs(options?: Pick<LogOptions, "from" | "signal">): AsyncIterable<LogChunk>
  /** What it made, without fetching it; nothing before it has ended. */
  outputs(options?: Leaving): Promise<ReadonlyArray<OutputInfo>>
  /** Writes what it made below `directory` (default: the working directory); tells what was written and what not. */
  download(directory?: string, options?: Leaving): Promise<Pick<RunResult, "outputs" | "refused">>
  /** Asks for its end and answers at once; does nothing to what has ended. */
  cancel(options?: Leaving): Promise<ExecutionInfo>
}

type Waiting = (listeners: WaitOptions) => Effect.Effect<RunResult, ClientError, Needs>

/** `options` may hold more than what concerns the connection. */
export const handleOf = (id: string, waiting: Waiting, options: CallOptions): ExecutionHandle => {
  const own = picked(options, "apiKey", "profile", "signal", "url")
  return {
    id,
    status: (options) => status(id, { ...own, ...options }),
    wait: (options = {}) => call(waiting(options), { ...own, ...options }),
    logs: (options) => logs(id, { ...own, ...options }),
    outputs: (options) => outputs(id, { ...own, ...options }),
    download: (directory, options) => download(id, directory, { ...own, ...options }),
    cancel: (options) => cancel(id, { ...own, ...options })
  }
}

/** Of what was started elsewhere. */
export interface ExecutionOptions extends CallOptions {
  /** Where `wait` writes what it made. Default `false`: it stays on the grid. */
  readonly outputDirectory?: string | false
}

/** The handle of an execution that was started elsewhere. Nothing is asked before one of its methods is called. */
export const execution = (id: string, options: ExecutionOptions = {}): ExecutionHandle =>
  handleOf(id, (listeners) => effects.waitFor(id, { ...options, ...listeners }), options)
