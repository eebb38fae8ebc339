/** A script run once for each of many items, as one thing: what is asked for, and how far it is. */
import * as Schema from "effect/Schema"
import type { State } from "./ExecutionState.ts"
import { BatchId, ExecutionId } from "./Id.ts"
import { AbsolutePath, InputFile, isWorkspacePath, JobSpec, otherwise, StagedPath, Text } from "./JobSpec.ts"
import { Micros } from "./Money.ts"

/** Items of one batch. A person's largest is thousands; this bounds what one request may ask of a grid. */
export const mostItems = 250_000

/** Items at a time where nobody says: one's own machine has all its slots, others share theirs. */
export const sharedParallel = 10

/** Most missing parts one answer names: send these, then ask again by `uploaded`. */
export const missingPage = 1_000

const Positive = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

/** A folder's name: one name, no path. */
export const OutputName = Text.check(
  Schema.isMaxLength(255),
  Schema.makeFilter((name: string) => (isWorkspacePath(name) && !name.includes("/")) || "a name without a slash")
)

/** What one item adds to the batch's job. */
export const BatchItem = Schema.Struct({
  /** What people know it by: the file's path as it was given, or the values of its line. */
  label: Text.check(Schema.isMaxLength(4096)),
  /** Where its outputs go below the batch's directory; no two items of a batch share one. */
  name: OutputName,
  /** All the script's arguments, with the item filled in. */
  args: Schema.Array(Schema.String),
  /** Beside those of the job. */
  files: otherwise(Schema.Array(InputFile), []),
  directories: otherwise(Schema.Array(StagedPath), [])
}).annotate({ identifier: "BatchItem" })
export type BatchItem = typeof BatchItem.Type

/**
 * When a batch ends before its items do, in the words of GNU parallel's `--halt`. `soon`: nothing new starts. `now`: what
 * runs is canceled too.
 */
export const Halt = Schema.Struct({
  when: Schema.Literals(["soon", "now"]),
  on: Schema.Literals(["fail", "success", "done"]),
  /** So many items, or percent of all of them. */
  amount: Positive,
  unit: Schema.Literals(["items", "percent"])
}).annotate({ identifier: "Halt" })
export type Halt = typeof Halt.Type

/** Makes a failed batch: one failed item, or nothing but failed ones. */
export const FailOn = Schema.Literals(["any", "all"])
export type FailOn = typeof FailOn.Type

export const BatchOptions = Schema.Struct({
  /** Items at a time, kept by the grid. Absent: as many as it has slots. */
  parallel: Schema.optionalKey(Positive),
  halt: Schema.optionalKey(Halt),
  failOn: FailOn,
  /** Percent of the median duration of the items completed so far that one may take; counts once three are. */
  timeoutPercent: Schema.optionalKey(Positive),
  /** Leaves out items that were completed before with the very same content. */
  resume: Schema.Boolean
}).annotate({ identifier: "BatchOptions" })
export type BatchOptions = typeof BatchOptions.Type

/** First line of what is posted; a `BatchItem` each is on the others. `job.args` are the arguments as they were typed. */
export const BatchHead = Schema.Struct({
  version: Schema.Literal(1),
  job: JobSpec,
  options: BatchOptions,
  /** Number of the lines that follow: what was cut off on its way is refused. */
  items: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: mostItems }))
}).annotate({ identifier: "BatchHead" })
export type BatchHead = typeof BatchHead.Type

/** An execution's place in its batch. */
export const Membership = Schema.Struct({
  id: BatchId,
  /** From 1, in the order the items were given. */
  position: Positive,
  label: Schema.String,
  name: Schema.String
}).annotate({ identifier: "Membership" })
export type Membership = typeof Membership.Type

/** What of an item's content can differ from its last completed run. */
export const contentKinds = ["script", "imports", "dependencies", "inputs", "args", "env", "runtime"] as const
export const ContentKind = Schema.Literals(contentKinds)
export type ContentKind = typeof ContentKind.Type

/** With `resume`: what became of the items. */
export const Resumption = Schema.Struct({
  /** Items that were left out, by the executions that had completed them before. */
  skipped: Schema.Int,
  earlier: Schema.Array(Schema.Struct({ label: Schema.String, name: Schema.String, execution: ExecutionId })),
  /** Items that run again, and what of them changed; `new`: none like it ever completed. At most 1,000 are named. */
  again: Schema.Array(
    Schema.Struct({ label: Schema.String, changed: Schema.Array(Schema.Union([ContentKind, Schema.Literal("new")])) })
  )
}).annotate({ identifier: "Resumption" })
export type Resumption = typeof Resumption.Type

/** Members by state; the sum is `total`. */
export const Counts = Schema.Struct({
  uploading: Schema.Int,
  held: Schema.Int,
  building: Schema.Int,
  queued: Schema.Int,
  leased: Schema.Int,
  running: Schema.Int,
  completed: Schema.Int,
  failed: Schema.Int,
  timed_out: Schema.Int,
  canceled: Schema.Int
} satisfies Record<State, unknown>).annotate({ identifier: "Counts" })
export type Counts = typeof Counts.Type

export const noCounts: Counts = {
  uploading: 0,
  held: 0,
  building: 0,
  queued: 0,
  leased: 0,
  running: 0,
  completed: 0,
  failed: 0,
  timed_out: 0,
  canceled: 0
}

/** As people see them. `failed` holds timeouts too. */
export interface Tally {
  readonly waiting: number
  readonly running: number
  readonly completed: number
  readonly failed: number
  readonly canceled: number
}

export const tally = (counts: Counts): Tally => ({
  waiting: counts.uploading + counts.held + counts.building + counts.queued,
  running: counts.leased + counts.running,
  completed: counts.completed,
  failed: counts.failed + counts.timed_out,
  canceled: counts.canceled
})

const Instant = Schema.DateTimeUtcFromString

export const Batch = Schema.Struct({
  id: BatchId,
  /** The batch whose items these are once more. */
  retryOf: Schema.NullOr(BatchId),
  script: Schema.String,
  /** As they were typed, without an item. */
  args: Schema.Array(Schema.String),
  runtime: Schema.String,
  cwd: AbsolutePath,
  metadata: Schema.Record(Schema.String, Schema.String),
  /** Members; items that `resume` left out are none. */
  total: Schema.Int,
  /** Items that `resume` left out. */
  skipped: Schema.Int,
  options: BatchOptions,
  counts: Counts,
  /** Why nothing new starts any more; null while all goes on. */
  halted: Schema.NullOr(Schema.Literals(["halt", "canceled", "dependencies"])),
  createdAt: Instant,
  /** When the last member ended. */
  endedAt: Schema.NullOr(Instant),
  /** Of its ended attempts. */
  cost: Schema.Struct({ micros: Micros, isPriced: Schema.Boolean })
}).annotate({ identifier: "Batch" })
export type Batch = typeof Batch.Type

/** What a client needs of a batch's exit code: whether it counts as a failure. A halt for successes is none. */
export const hasFailed = ({ counts, options, skipped }: Pick<Batch, "counts" | "options" | "skipped">): boolean => {
  const { canceled, completed, failed } = tally(counts)
  if (options.failOn === "any") return failed > 0 || (canceled > 0 && options.halt?.on !== "success")
  return completed + skipped === 0
}
