/** What a batch takes. */
import type { BatchInfo } from "./batchResults.ts"
import type { CallOptions } from "./connection.ts"
import type { JobOptions } from "./options.ts"

/**
 * What the items are. Texts as `rgrid run --batch` takes them: files that match a pattern, values like `{1..100}`, names.
 * Objects: rows whose keys are columns, taken as they are. `file`: a list as `--batch-from` takes it.
 */
export type BatchItems =
  | string
  | ReadonlyArray<string>
  | ReadonlyArray<Readonly<Record<string, unknown>>>
  | { readonly file: string }

/** How a batch is stayed with, wherever it was started. */
export interface BatchOfOptions extends CallOptions {
  /** Where each item's outputs are written, in a folder of its name. `false`: they stay on the grid. */
  readonly outputDirectory?: string | false
  /** All outputs in one directory, as `<name>_<file>`. Default `false`. */
  readonly flat?: boolean
  /** Reads what each item wrote, at the price of a request an item. Default `false`: `stdout` and `stderr` are null. */
  readonly output?: boolean
  /** Called when counts or cost have changed, at most once a second, and at the end. */
  readonly onProgress?: (batch: BatchInfo) => void
}

/** `outputDirectory` is `outputs` by default, relative to `cwd`. */
export interface BatchOptions extends JobOptions, BatchOfOptions {
  /** The items. One is the last argument, or stands where the arguments say: `{}`, `{.}`, `{/}`, or `{column}` of rows. */
  readonly over: BatchItems
  /** Items at a time, kept by the grid. Default: 10; on the grid of this machine its slots. */
  readonly parallel?: number
  /** What makes `ok` false: any failed item, or nothing but failed ones. Default `all`. */
  readonly failOn?: "any" | "all"
  /** When it ends early, as GNU parallel has it: `soon,fail=5%`, `now,fail=1`, `now,success=1`. Default: never. */
  readonly halt?: string
  /** Leaves out items that completed before with the very same content. Default `false`. */
  readonly resume?: boolean
  /** Of each item: seconds, or percent of the median so far (`200%`), which counts once three have completed. Default: no limit. */
  readonly timeout?: number | `${number}%`
  /** `batch`: items follow each other in a container, which is faster and less apart. Default `execution`: one for each. */
  readonly isolation?: "execution" | "batch"
}
