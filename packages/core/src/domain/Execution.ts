/** An execution as its owner sees it: what was asked, where it stands, what came of it. Env values are never in it. */
import * as Schema from "effect/Schema"
import { Membership } from "./Batch.ts"
import { State } from "./ExecutionState.ts"
import { Failure } from "./Failure.ts"
import { ExecutionId, RunnerId } from "./Id.ts"
import { AbsolutePath, ByteCount, FileContent, FileMode, ModifiedAt, Resources, StagedPath } from "./JobSpec.ts"
import { Micros, WorkerPrice } from "./Money.ts"

/** A file or directory the script made or changed. */
export const Output = Schema.Struct({
  /** Relative to the working directory; absolute for what stands outside it. */
  path: StagedPath,
  type: Schema.Literals(["file", "directory"]),
  mode: FileMode,
  modifiedAt: ModifiedAt,
  /** Absent for a directory. */
  content: Schema.optionalKey(FileContent)
}).annotate({ identifier: "Output" })
export type Output = typeof Output.Type

/** What a script left that is not brought back, and why. */
export const SkippedOutput = Schema.Struct({
  path: Schema.String,
  reason: Schema.Literals(["link", "device", "unreadable", "name"])
}).annotate({ identifier: "SkippedOutput" })
export type SkippedOutput = typeof SkippedOutput.Type

export const OutputManifest = Schema.Struct({
  outputs: Schema.Array(Output),
  /** Inputs the script removed. Reported, never repeated on the caller's side. */
  deleted: Schema.Array(Schema.String),
  skipped: Schema.Array(SkippedOutput)
}).annotate({ identifier: "OutputManifest" })
export type OutputManifest = typeof OutputManifest.Type

export const emptyManifest: OutputManifest = { outputs: [], deleted: [], skipped: [] }

const Instant = Schema.DateTimeUtcFromString

/** What its ended attempts cost so far, and what the newest one is charged at; `price` is null before the first. */
export const Cost = Schema.Struct({
  micros: Micros,
  /** Estimated: from its own time in a slot. */
  phase: Schema.Literals(["estimated"]),
  price: Schema.NullOr(WorkerPrice)
}).annotate({ identifier: "Cost" })
export type Cost = typeof Cost.Type

export const Execution = Schema.Struct({
  id: ExecutionId,
  state: State,
  /** The execution whose job this is once more. */
  retryOf: Schema.NullOr(ExecutionId),
  /** Null for one that was started alone. */
  batch: Schema.NullOr(Membership),
  /** Number of the newest attempt; 0 before the first. */
  attempt: Schema.Int,
  script: Schema.String,
  args: Schema.Array(Schema.String),
  runtime: Schema.String,
  cwd: AbsolutePath,
  resources: Resources,
  timeoutSeconds: Schema.NullOr(Schema.Int),
  metadata: Schema.Record(Schema.String, Schema.String),
  /** Names only. */
  env: Schema.Array(Schema.String),
  cancelRequested: Schema.Boolean,
  createdAt: Instant,
  startedAt: Schema.NullOr(Instant),
  endedAt: Schema.NullOr(Instant),
  /** The script's own exit status; 128 + n when signal n ended it; null when it never ended by itself. */
  exitCode: Schema.NullOr(Schema.Int),
  failure: Schema.NullOr(Failure),
  runner: Schema.NullOr(RunnerId),
  /** Where it ran: `docker`, `process`. */
  sandbox: Schema.NullOr(Schema.String),
  outputs: Schema.Struct({ files: Schema.Int, bytes: ByteCount }),
  log: Schema.Struct({ stdoutBytes: ByteCount, stderrBytes: ByteCount }),
  usage: Schema.NullOr(Schema.Struct({ cpuMicros: Schema.Int, peakMemoryBytes: Schema.NullOr(Schema.Int) })),
  cost: Cost
}).annotate({ identifier: "Execution" })
export type Execution = typeof Execution.Type

/** The three words people see for what the grid tells apart. */
export const spoken = (state: State) => {
  switch (state) {
    case "uploading":
    case "held":
    case "building":
    case "queued":
      return "queued"
    case "leased":
    case "running":
      return "running"
    case "timed_out":
      return "timed out"
    default:
      return state
  }
}
