import { picked } from "../client/picked.ts"
import { callStaged } from "./connection.ts"
import * as effects from "./effects/run.ts"
import { type ExecutionHandle, handleOf } from "./handle.ts"
import { wanted } from "./job.ts"
import type { InlineCode, RunOptions } from "./options.ts"
import type { RunResult } from "./results.ts"

/**
 * Runs a script on a grid as `python script args` would here, and waits for it: files it makes appear in the working
 * directory, and its exit code is in the result.
 *
 * Rejects with `RGridError` when the run could not be made, and with the signal's reason when that is aborted; a script
 * that fails is a result.
 *
 * @example
 * const { stdout, exitCode } = await run("process.py", ["in.json"])
 * @example
 * const { outputs } = await run({ code: "open('a.txt', 'w').write('x')", runtime: "python:3.11" })
 */
export function run(script: string, args?: ReadonlyArray<string>, options?: RunOptions): Promise<RunResult>
export function run(inline: InlineCode & RunOptions): Promise<RunResult>
export function run(
  script: string | (InlineCode & RunOptions),
  args?: ReadonlyArray<string>,
  options?: RunOptions
): Promise<RunResult> {
  const all = wanted(script, args, options)
  return callStaged(effects.run(all), all.options)
}

/**
 * As `run`, without waiting: resolves when the grid has all it needs, so that this process may end. What is read from
 * `stdin` is read to its end first.
 */
export function submit(script: string, args?: ReadonlyArray<string>, options?: RunOptions): Promise<ExecutionHandle>
export function submit(inline: InlineCode & RunOptions): Promise<ExecutionHandle>
export async function submit(
  script: string | (InlineCode & RunOptions),
  args?: ReadonlyArray<string>,
  options?: RunOptions
): Promise<ExecutionHandle> {
  const all = wanted(script, args, options)
  const { execution, landing } = await callStaged(effects.submit(all), all.options)
  const own = picked(all.options, "onStdout", "onStderr")
  return handleOf(execution.id, (listeners) => effects.wait(execution.id, landing, { ...own, ...listeners }), all.options)
}
