/** What the calls of this library take. */
import type { InlineCode, InputContent } from "../client/inline.ts"
import type { CallOptions } from "./connection.ts"

export type { InlineCode, InputContent }

/** How a script runs, whoever waits for it. What is left out is as the project's `.rgrid/config` has it. */
export interface JobOptions {
  /** Runtime name (`python:3.11`) or image. Default: told by the script's ending or its `#!` line. */
  readonly runtime?: string
  /** Where relative paths begin. Default: this process's working directory. */
  readonly cwd?: string
  /** Variables of the script. Default: none of this process's. */
  readonly env?: Readonly<Record<string, string>>
  /** As `env`, and masked in logs. */
  readonly secrets?: Readonly<Record<string, string>>
  /** Cores, 0.01 to 1,024. Default: 1; on the grid of this machine all. */
  readonly cpu?: number
  /** Bytes, at least 16 MiB. Default: 2 GiB; on the grid of this machine three quarters of its memory. */
  readonly memory?: number
  /** `none`: no connections. Default `open`. */
  readonly network?: "open" | "none"
  /** New attempts when the grid loses one, 0 to 20. The script's own failures are never repeated. Default 2. */
  readonly retries?: number
  /** Words to find it by: `list({ metadata })`. They stand above `commit`, `ref`, `actor`, `workflow` and `run`, which CI and git tell. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Files that travel besides, by the relative paths they have there, in place of what is here. */
  readonly inputs?: Readonly<Record<string, InputContent>>
  /** Files and patterns of here that travel besides what the script names: `data/**`, `{a,b}.csv`. Default: none. */
  readonly include?: ReadonlyArray<string>
  /** Hashes and sends every file anew, and builds dependencies anew. Default `false`. */
  readonly noCache?: boolean
  /** The file of what is installed before, or `none`. Default: found in the script, beside it or above it. */
  readonly requirements?: string
  /** The same key and job give the same execution or batch, however often it is sent. Default: a new one each call. */
  readonly idempotencyKey?: string
}

export interface RunOptions extends JobOptions, CallOptions {
  /** Seconds, counted from its start; fractions are rounded up. Default: no limit. */
  readonly timeout?: number
  /**
   * What the script reads on stdin. Chunks are passed on as they come, while the script runs; `submit` reads all of them
   * first. Default: nothing.
   */
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array>
  /** Where outputs are written. Default: `cwd`, as if the script had run here. `false`: they stay on the grid. */
  readonly outputDirectory?: string | false
  /** Called with each chunk as it comes. What it throws ends the call. */
  readonly onStdout?: (chunk: Uint8Array) => void
  /** As `onStdout`. */
  readonly onStderr?: (chunk: Uint8Array) => void
}
