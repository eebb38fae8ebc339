/** The results of a batch's items as they end, with what they made brought here. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { bringBackMember, type Landing, parallelMembers } from "../../client/batch/bringBackMember.ts"
import { type BatchEvent, followBatch } from "../../client/batch/followBatch.ts"
import type { GridError } from "../../client/errors.ts"
import { readLog } from "../../client/readLog.ts"
import type { Execution } from "../../domain/Execution.ts"
import { batchInfo } from "../batchInfo.ts"
import type { BatchOfOptions } from "../batchOptions.ts"
import type { BatchResult } from "../batchResults.ts"
import { told } from "../errors.ts"
import { info } from "../info.ts"
import { transcript } from "./transcript.ts"

type Brought = Pick<BatchResult, "outputs" | "refused" | "unfetched">

const nothing: Brought = { outputs: [], refused: [], unfetched: null }

/** One that can't be fetched keeps no other back; it can be fetched later. */
const unfetched = (error: GridError) => Effect.map(Effect.promise(() => told(error)), (unfetched) => ({ unfetched }))

const bring = (execution: Execution, landing: Landing | null) =>
  landing === null ? Effect.succeed(nothing) : bringBackMember(execution, landing).pipe(
    Effect.map(({ refused, written }): Brought => ({ outputs: written, refused, unfetched: null })),
    Effect.catchIf(
      (error) => error._tag !== "NotWritten",
      (error) => Effect.map(unfetched(error), (told): Brought => ({ ...nothing, ...told }))
    )
  )

const untold = { stdout: null, stderr: null }

const read = ({ id, log }: Execution) => {
  const written = transcript()
  const reading = log.stdoutBytes + log.stderrBytes === 0 ? Effect.void : Stream.runForEach(readLog(id), (chunk) =>
    Effect.sync(() => written.add(chunk)))
  return Effect.map(reading, written.whole)
}

const output = (execution: Execution) =>
  Effect.catch(read(execution), (error) => Effect.map(unfetched(error), (told) => ({ ...untold, ...told })))

/** Ends that wait for their outputs to be fetched: progress is not held up by them. */
const waiting = 1000

export interface Following extends Pick<BatchOfOptions, "onProgress" | "output"> {
  readonly landing: Landing | null
}

const ends = (id: string, { onProgress }: Following) =>
  followBatch(id).pipe(
    Stream.tap((event: BatchEvent) =>
      Effect.sync(() => {
        if (event._tag === "BatchChanged" || event._tag === "Ended") onProgress?.(batchInfo(event.batch))
      })
    ),
    Stream.filterMap((event) => event._tag === "MemberEnded" ? Result.succeed(event.execution) : Result.failVoid)
  )

/** Each once, in the order in which they are all here. */
export const results = (id: string, following: Following) =>
  ends(id, following).pipe(
    Stream.buffer({ capacity: waiting }),
    Stream.mapEffect(
      Effect.fnUntraced(function*(execution) {
        const brought = yield* bring(execution, following.landing)
        const told = following.output === true ? yield* output(execution) : untold
        const result: BatchResult = { ...info(execution), item: execution.batch?.label ?? "", ...brought, ...told }
        return result
      }),
      { concurrency: parallelMembers, unordered: true }
    )
  )
