/** Accepting a batch, and taking note of what its client has sent. */
import * as Effect from "effect/Effect"
import { missingPage } from "../../domain/Batch.ts"
import type { AccountId, BatchId } from "../../domain/Id.ts"
import { signedUrl } from "../../domain/Timing.ts"
import { type BatchAccepted, BatchStore } from "../../ports/BatchStore.ts"
import { ExecutionStore } from "../../ports/ExecutionStore.ts"
import { inputKey, ObjectStore } from "../../ports/ObjectStore.ts"
import { arrived, contradiction, InvalidJob } from "../submit.ts"
import { parse } from "./lines.ts"

const offer = Effect.fnUntraced(function*(account: AccountId, { missing, ...accepted }: BatchAccepted) {
  const objects = yield* ObjectStore
  const signed = yield* Effect.forEach(missing, (part) =>
    objects.presignPut(inputKey(account, part.sha256), part, signedUrl).pipe(Effect.map((put) => ({ ...part, put }))))
  return { ...accepted, missing: signed }
})

export interface PostedBatch {
  readonly id: BatchId
  readonly account: AccountId
  readonly body: Uint8Array
  readonly idempotencyKey?: string
  /** Items at a time where the batch does not say. */
  readonly parallel: number
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Durable when it returns; what misses nothing is queued. */
export const submitBatch = Effect.fn("grid.submitBatch")(function*(posted: PostedBatch) {
  const { account, body, id, idempotencyKey, now, parallel } = posted
  const { head: { job, options }, items } = yield* parse(body, now)
  const detail = contradiction(job)
  if (detail !== null) return yield* new InvalidJob({ detail })
  const submission = {
    id,
    account,
    job,
    options: { parallel, ...options },
    ...(idempotencyKey === undefined ? {} : { idempotencyKey })
  }
  const accepted = yield* BatchStore.use((store) => store.accept(submission, items, missingPage))
  return yield* offer(account, accepted)
})

/** What was missing was sent, says the client: queues what is whole, or answers what has not arrived. */
export const uploadedBatch = Effect.fn("grid.uploadedBatch")(function*(account: AccountId, id: BatchId) {
  const batches = yield* BatchStore
  const store = yield* ExecutionStore
  const before = yield* batches.uploaded(account, id, missingPage)
  const here = yield* Effect.filter(before.missing, (part) => arrived(account, part), { concurrency: 8 })
  if (here.length === 0) return yield* offer(account, before)
  yield* Effect.forEach(here, (part) => store.recordPart(account, part), { concurrency: 4, discard: true })
  return yield* offer(account, yield* batches.uploaded(account, id, missingPage))
})
