/** What the calls of this library give. */
import type { ExecutionInfo } from "./info.ts"

/** A file that was written here: its path relative to the output directory, absolute outside it. */
export interface WrittenFile {
  readonly path: string
  readonly bytes: number
}

/** An output that could not or may not be written here, and why. */
export interface RefusedFile {
  readonly path: string
  /** In words, for people. */
  readonly reason: string
}

/** How a run ended. A failed script has the same shape as one that succeeded. */
export interface RunResult extends ExecutionInfo {
  /** All of it, as UTF-8. */
  readonly stdout: string
  /** All of it, as UTF-8. */
  readonly stderr: string
  /** What was written here; nothing with `outputDirectory: false`. */
  readonly outputs: ReadonlyArray<WrittenFile>
  /** What could not or may not be written here, and why. */
  readonly refused: ReadonlyArray<RefusedFile>
}

/** A piece of output. */
export interface LogChunk {
  /** What the script wrote it to. */
  readonly stream: "stdout" | "stderr"
  readonly bytes: Uint8Array
  /** When the script wrote it, by the clock of the machine it ran on. */
  readonly time: Date
  /** Give it as `from` to go on behind this chunk, in this process or another. */
  readonly cursor: string
}

/** What a script made, on the grid. */
export interface OutputInfo {
  /** Relative to the working directory; absolute outside it. */
  readonly path: string
  readonly type: "file" | "directory"
  /** 0 for a directory. */
  readonly bytes: number
}
