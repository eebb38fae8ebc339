/** One script, from its files to its end. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { bringBack, type BringBackOptions, stagedBy } from "rgrid/client/bringBack"
import { remarks } from "rgrid/client/broughtBackSentences"
import { stayOrCancel } from "rgrid/client/canceling"
import { exitCodeOf } from "rgrid/client/exitCodeOf"
import { follow, type FollowEvent } from "rgrid/client/follow"
import type { Prepared } from "rgrid/client/prepare"
import { submit } from "rgrid/client/submit"
import { tailBytes } from "rgrid/domain/causes/recognise"
import { type Execution, spoken } from "rgrid/domain/Execution"
import type { ProtectedLog } from "./log.ts"
import type { Outcome } from "./Outcome.ts"
import type { Asked } from "./project.ts"
import { keyOf } from "./request.ts"
import { remembering } from "./running.ts"
import { lost, makeProgress, unfetched } from "./telling.ts"

type Ended = Extract<FollowEvent, { readonly _tag: "Ended" }>

/** Shows everything until the end, and keeps the end of stderr. */
const watch = Effect.fnUntraced(function*(id: string, log: ProtectedLog) {
  const progress = makeProgress((line) => log.say(line))
  const seen: { stderr: Buffer; ended?: Ended } = { stderr: Buffer.alloc(0) }
  yield* Stream.runForEach(follow(id), (event) => {
    switch (event._tag) {
      case "Progress":
        return progress(event.progress)
      case "Output":
        if (event.stream === "stderr") seen.stderr = Buffer.concat([seen.stderr, event.bytes]).subarray(-tailBytes)
        return Effect.sync(() => log.output(event.stream, event.bytes))
      case "NewAttempt":
        return Effect.sync(() => log.say(`Attempt ${event.attempt}: the one before was lost.`))
      case "Reconnecting":
        return Effect.sync(() => log.say(lost(event)))
      case "Ended":
        return Effect.sync(() => {
          seen.ended = event
        })
    }
  })
  return { ended: seen.ended!, stderr: seen.stderr.toString("utf8") }
})

/** Files appear where a local run would have put them, or in the directory asked for. */
const landing = ({ began: since, spec }: Prepared, { outputDirectory }: Asked): BringBackOptions =>
  outputDirectory === null
    ? { directory: spec.cwd, staged: stagedBy(spec), since }
    : { directory: outputDirectory, since }

const millisOf = ({ endedAt, startedAt }: Execution): number =>
  endedAt === null || startedAt === null ? 0 : DateTime.toEpochMillis(endedAt) - DateTime.toEpochMillis(startedAt)

/** What can't be fetched is a remark: the script ran all the same. */
const fetched = (execution: Execution, where: BringBackOptions) =>
  bringBack(execution, where).pipe(
    Effect.map((back) => ({
      files: back.written.length,
      bytes: back.written.reduce((sum, { bytes }) => sum + bytes, 0),
      missing: remarks(back),
      unfetched: 0
    })),
    Effect.catch((error) => Effect.succeed({ files: 0, bytes: 0, missing: [unfetched(error)], unfetched: 1 }))
  )

export const runSingle = Effect.fnUntraced(function*(prepared: Prepared, asked: Asked, log: ProtectedLog) {
  const submitting = submit(prepared, { idempotencyKey: keyOf(prepared.spec) })
  const { ended: { execution, outputs: listed }, stderr } = yield* stayOrCancel(
    { submitting, idOf: ({ id }) => id },
    ({ id }) => remembering(id, watch(id, log))
  )
  const where = landing(prepared, asked)
  const back = yield* fetched(execution, { ...where, listed })
  const { cost, failure, id } = execution
  const outcome: Outcome = {
    id,
    isBatch: false,
    status: spoken(execution.state),
    exitCode: exitCodeOf(execution),
    micros: cost.micros,
    isPriced: (cost.price?.hourlyMicros ?? 0) > 0,
    millis: millisOf(execution),
    succeeded: failure === null ? 1 : 0,
    earlier: 0,
    failed: failure === null ? 0 : 1,
    causes: failure === null ? [] : [{ failure, count: 1, execution: id, item: null, stderr }],
    directory: where.directory,
    ...back,
    fails: back.unfetched > 0 || (failure !== null && asked.failOn !== "never")
  }
  return outcome
})
