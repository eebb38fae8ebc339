/** The words about one batch in memory. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { resolve } from "node:path"
import { grouped } from "../../domain/causes/grouped.ts"
import { causeOf } from "../batchInfo.ts"
import type { BatchCause, BatchResult, BatchSummary } from "../batchResults.ts"
import { broughtToo, nothingBrought } from "../effects/batch.ts"
import type { BatchOfSettings, BatchRun } from "../service/Grid.ts"
import { infoOf, type MemoryExecution, writeFiles } from "./Executions.ts"
import type { MemoryBatch } from "./MemoryBatch.ts"

const text = (isAsked: boolean | undefined, bytes: Uint8Array): string | null =>
  isAsked === true ? Buffer.from(bytes).toString() : null

const resultOf = Effect.fnUntraced(
  function*(one: MemoryExecution, directory: string | false, { flat, output }: BatchOfSettings) {
    const end = yield* Deferred.await(one.ended)
    const { label, name } = one.batch!
    const path = (inner: string) => flat === true ? `${name}_${inner.replaceAll("/", "-")}` : `${name}/${inner}`
    const named = { ...end, files: end.files.map((file) => ({ ...file, path: path(file.path) })) }
    const result: BatchResult = {
      ...infoOf(one),
      item: label,
      outputs: directory === false ? [] : yield* writeFiles(named, resolve(directory)),
      refused: [],
      unfetched: null,
      stdout: text(output, end.stdout),
      stderr: text(output, end.stderr)
    }
    return result
  }
)

const causesOf = (members: ReadonlyArray<MemoryExecution>): ReadonlyArray<BatchCause> => {
  const failed = members.flatMap((one) => {
    const failure = one.end?.failure ?? null
    return failure === null || failure._tag === "Canceled" || failure._tag === "Halted" ? [] : [{ one, failure, position: one.batch?.position ?? 0 }]
  })
  return grouped(failed).map(({ fingerprint, members: [{ failure, one }, ...others] }) =>
    causeOf({ fingerprint, count: 1 + others.length, failure, sample: infoOf(one) })
  )
}

export const batchRun = (batch: MemoryBatch, directory: string | false, settings: BatchOfSettings): BatchRun => {
  const { members } = batch.made
  const info = Effect.sync(() => batch.info)
  const results = Stream.fromIterable(members).pipe(
    Stream.mapEffect((one) => resultOf(one, directory, settings), { concurrency: "unbounded", unordered: true }),
    Stream.tap(() => Effect.sync(() => settings.onProgress?.(batch.info)))
  )
  const summary = Effect.map(Stream.runFold(results, () => nothingBrought, broughtToo), (brought): BatchSummary => ({
    ...batch.info,
    ok: batch.ok,
    causes: causesOf(members),
    failures: members.map(infoOf).filter(({ status }) => status === "failed" || status === "timed out").slice(0, 1000),
    written: { files: brought.files, bytes: brought.bytes },
    unfetched: brought.unfetched
  }))
  return {
    id: batch.made.id,
    results,
    wait: summary,
    submitted: info,
    progress: info,
    cancel: Effect.andThen(batch.cancel, info)
  }
}
