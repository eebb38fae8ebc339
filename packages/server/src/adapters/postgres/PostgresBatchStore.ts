/** The port to batches over Postgres: one verb a file, put together. */
import * as Effect from "effect/Effect"
import type { BatchStore } from "rgrid/ports/BatchStore"
import { acceptBatch } from "./batches/accept.ts"
import { cancelBatch, removeBatch, uploadedBatch } from "./batches/change.ts"
import { failures, findBatch, finished, listBatches, matchingBatches, members } from "./batches/read.ts"
import { retryBatch } from "./batches/retry.ts"
import type { Database } from "./Database.ts"
import { mapped, unavailable } from "./errors.ts"

export const make = (db: Database): BatchStore["Service"] => ({
  accept: (submission, items, limit) => unavailable(Effect.suspend(() => acceptBatch(db)(submission, items, limit))),
  uploaded: mapped(uploadedBatch(db)),
  find: mapped(findBatch(db)),
  matching: mapped(matchingBatches(db)),
  list: mapped(listBatches(db)),
  members: mapped(members(db)),
  finished: mapped(finished(db)),
  failures: mapped(failures(db)),
  cancel: mapped(cancelBatch(db)),
  retry: mapped(retryBatch(db)),
  remove: (account, id, discard) => unavailable(Effect.suspend(() => removeBatch(db)(account, id, discard)))
})
