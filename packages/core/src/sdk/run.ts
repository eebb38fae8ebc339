import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { resolve } from "node:path"
import { bringBack, stagedBy } from "../client/bringBack.ts"
import { follow, type FollowEvent } from "../client/follow.ts"
import { prepare, type Stdin } from "../client/prepare.ts"
import { whileSending } from "../client/stdin.ts"
import { submit } from "../client/submit.ts"
import { type CallOptions, call } from "./connection.ts"
import { type ExecutionInfo, info } from "./info.ts"
import { withProject } from "./project.ts"

export interface RunOptions extends CallOptions {
  /** Runtime name (`python:3.11`) or image. Default: told by the script's ending or its `#!` line. */
  readonly runtime?: string
  /** Default: this process's working directory. */
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** As `env`, and masked in logs. */
  readonly secrets?: Readonly<Record<string, string>>
  /** Seconds. Default: no limit. */
  readonly timeout?: number
  /** Cores. */
  readonly cpu?: number
  /** Bytes. */
  readonly memory?: number
  /** Default `open`. */
  readonly network?: "open" | "none"
  /** New attempts when the grid loses one. Default 2. */
  readonly retries?: number
  readonly metadata?: Readonly<Record<string, string>>
  /** Files and patterns that travel besides what the script names: `data/**`, `{a,b}.csv`. */
  readonly include?: ReadonlyArray<string>
  /** Hashes and sends every file anew, and builds dependencies anew. Default `false`. */
  readonly noCache?: boolean
  /** The file of what is installed before, or `none`. Default: found in the script, beside it or above it. */
  readonly requirements?: string
  /** What the script reads on stdin. Chunks are passed on as they come, while the script runs. */
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array>
  /** Where outputs are written. Default: `cwd`, as if the script had run here. `false`: they stay on the grid. */
  readonly outputDirectory?: string | false
  /** Called with each chunk as it comes. */
  readonly onStdout?: (chunk: Uint8Array) => void
  readonly onStderr?: (chunk: Uint8Array) => void
  /** The same key and job give the same execution, however often `run` is called. */
  readonly idempotencyKey?: string
}

/** How a run ended. A failed script has the same shape as one that succeeded. */
export interface RunResult extends ExecutionInfo {
  /** All of it, as UTF-8. */
  readonly stdout: string
  readonly stderr: string
  /** Files written here, relative to the output directory; absolute outside it. */
  readonly outputs: ReadonlyArray<{ readonly path: string; readonly bytes: number }>
  /** Outputs that could not or may not be written here, and why. */
  readonly refused: ReadonlyArray<{ readonly path: string; readonly reason: string }>
}

const watch = Effect.fnUntraced(function*(id: string, options: RunOptions) {
  const seen = { stdout: new Array<Uint8Array>(), stderr: new Array<Uint8Array>() }
  let ended: Extract<FollowEvent, { readonly _tag: "Ended" }> | undefined
  yield* Stream.runForEach(follow(id), (event) =>
    Effect.sync(() => {
      if (event._tag === "Ended") ended = event
      if (event._tag !== "Output") return
      seen[event.stream].push(event.bytes)
      const listener = event.stream === "stdout" ? options.onStdout : options.onStderr
      listener?.(event.bytes)
    }))
  const text = (chunks: ReadonlyArray<Uint8Array>) => Buffer.concat(chunks).toString("utf8")
  return { ...ended!, stdout: text(seen.stdout), stderr: text(seen.stderr) }
})

const stdinOf = ({ stdin }: RunOptions): { readonly stdin?: Stdin } => {
  if (stdin === undefined) return {}
  if (typeof stdin === "string") return stdinOf({ stdin: new TextEncoder().encode(stdin) })
  return stdin instanceof Uint8Array
    ? { stdin: { kind: "whole", bytes: Stream.make(stdin) } }
    : { stdin: { kind: "live", bytes: Stream.orDie(Stream.fromAsyncIterable(stdin, (cause) => cause)) } }
}

const optional = (
  { runtime, timeout, cpu, memory, network, retries, metadata, include, noCache, requirements }: RunOptions
) => ({
  ...(include === undefined ? {} : { include }),
  ...(noCache === undefined ? {} : { noCache }),
  ...(requirements === undefined ? {} : { requirements }),
  ...(runtime === undefined ? {} : { runtime }),
  ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
  ...(cpu === undefined ? {} : { cpu }),
  ...(memory === undefined ? {} : { memoryBytes: memory }),
  ...(network === undefined ? {} : { network }),
  ...(retries === undefined ? {} : { retries }),
  ...(metadata === undefined ? {} : { metadata })
})

/**
 * Runs a script on a grid as `python script args` would here, and waits for it: files it makes appear in the working
 * directory, and its exit code is in the result.
 *
 * Rejects with `RGridError` when the run could not be made; a script that fails is a result.
 *
 * @example
 * const { stdout, exitCode } = await run("process.py", ["in.json"])
 */
export const run = (script: string, args: ReadonlyArray<string> = [], given: RunOptions = {}): Promise<RunResult> =>
  call(
    Effect.gen(function*() {
      const cwd = given.cwd ?? process.cwd()
      const options = yield* withProject(given, cwd)
      const prepared = yield* prepare({
        script,
        args,
        cwd,
        env: options.env ?? {},
        secrets: options.secrets ?? {},
        ...optional(options),
        ...stdinOf(options)
      })
      const { id } = yield* submit(
        prepared,
        options.idempotencyKey === undefined ? {} : { idempotencyKey: options.idempotencyKey }
      )
      const { execution, outputs: listed, stdout, stderr } = yield* whileSending(id, prepared, watch(id, options))
      if (options.outputDirectory === false) return { ...info(execution), stdout, stderr, outputs: [], refused: [] }
      const back = yield* bringBack(execution, {
        since: prepared.began,
        listed,
        ...(options.outputDirectory === undefined
          ? { directory: cwd, staged: stagedBy(prepared.spec) }
          : { directory: resolve(options.outputDirectory) })
      })
      return { ...info(execution), stdout, stderr, outputs: back.written, refused: back.refused }
    }),
    given
  )
