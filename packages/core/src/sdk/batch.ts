import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import type { BatchOfOptions, BatchOptions } from "./batchOptions.ts"
import type { BatchInfo, BatchResult, BatchSummary } from "./batchResults.ts"
import type { Source } from "./BatchRun.ts"
import type { CallOptions } from "./connection.ts"
import { wanted } from "./job.ts"
import type { InlineCode } from "./options.ts"

type Leaving = Pick<CallOptions, "signal">

/**
 * A batch. Reading it gives each item's result as soon as it is all here, a failed one as well. Leaving the loop, or an
 * aborted wait, leaves the batch: it goes on on the grid with what was sent by then; `submitted` tells when that is all.
 */
export interface BatchRun extends AsyncIterable<BatchResult> {
  /** Its end, whether or not somebody reads the results. Outputs are written where they belong. */
  wait(options?: Leaving): Promise<BatchSummary>
  /** Resolves when the grid has all it needs: from then on this process may end. */
  submitted(options?: Leaving): Promise<BatchInfo>
  /** How far it is now. */
  progress(options?: Leaving): Promise<BatchInfo>
  /** Ends what waits, asks for the end of what runs, and answers at once. */
  cancel(options?: Leaving): Promise<BatchInfo>
}

/** What does it is loaded with the first batch. */
const lazily = (source: () => Promise<Source>, options: BatchOfOptions): BatchRun => {
  const loaded = Promise.all([import("./BatchRun.ts"), source()]).then(([{ BatchRun }, begin]) => new BatchRun(begin, options))
  return {
    wait: async (own) => (await loaded).wait(own),
    submitted: async (own) => (await loaded).submitted(own),
    progress: async (own) => (await loaded).progress(own),
    cancel: async (own) => (await loaded).cancel(own),
    [Symbol.asyncIterator]: () => {
      const iterator = loaded.then((run) => run[Symbol.asyncIterator]())
      return {
        next: async () => (await iterator).next(),
        return: async () => (await iterator).return()
      }
    }
  }
}

/**
 * Runs a script once for each of many items. It begins at once; its results come as its items end.
 *
 * Reading and waiting reject with `RGridError` when the batch could not be made, and with the signal's reason when that is
 * aborted; an item that fails is a result.
 *
 * @example
 * for await (const { item, exitCode } of batch("process.py", [], { over: "data/*.csv" })) console.log(item, exitCode)
 * @example
 * const { ok, causes } = await batch("fit.py", ["{id}", "--rate={rate}"], { over: rows, parallel: 50 }).wait()
 */
export function batch(script: string, args: ReadonlyArray<string> | undefined, options: BatchOptions): BatchRun
export function batch(inline: InlineCode & BatchOptions): BatchRun
export function batch(
  script: string | (InlineCode & BatchOptions),
  args?: ReadonlyArray<string>,
  options?: BatchOptions
): BatchRun {
  const all = wanted(script, args, options)
  const key = all.options.idempotencyKey ?? randomUUID()
  const source = async (): Promise<Source> => {
    const { begin } = await import("./effects/batch.ts")
    return (started) =>
      Effect.map(begin(all, key), Effect.flatMap(({ batch, place, sending }) => {
        started({ batch, place })
        return sending
      }))
  }
  return lazily(source, all.options)
}

/** A batch that was started elsewhere. Default: what it makes stays on the grid. */
export const batchOf = (id: string, options: BatchOfOptions = {}): BatchRun => {
  const source = async (): Promise<Source> => {
    const { known } = await import("./effects/batch.ts")
    return (started) => Effect.succeed(Effect.map(known(id, options.outputDirectory), started))
  }
  return lazily(source, options)
}
