import * as Effect from "effect/Effect"
import { repeated } from "rgrid/domain/Retry"
import type { AccountId, BatchId } from "rgrid/domain/Id"
import type { BatchOptions } from "rgrid/domain/Batch"
import { BatchNotRepeatable, type NumberedItem, type RetryBatch, UnknownBatch } from "rgrid/ports/BatchStore"
import * as Stream from "effect/Stream"
import { NotEnded } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"
import { claimOf, type ClaimRow } from "../rows.ts"
import { accepted } from "./accept.ts"

interface Original extends Pick<ClaimRow, "account_id" | "workspace" | "sealed_env"> {
  readonly spec: ClaimRow["batch_spec"]
  readonly options: BatchOptions & { readonly parallel: number }
}

interface MemberRow {
  readonly state: string
  readonly label: string
  readonly output_name: string
  readonly ended: boolean
  readonly spec: { readonly args: ReadonlyArray<string> }
  readonly workspace: Pick<NumberedItem, "files" | "directories">
}

/** The batch's row is locked against its removal until the new pins stand. */
export const retryBatch = (db: Database) =>
(account: AccountId, of: BatchId, { over, positions, id, idempotencyKey, executions }: RetryBatch) =>
  db.asAccount(account, Effect.gen(function*() {
    const sql = db.app
    const [original] = yield* sql<Original>`
      select account_id, spec, workspace, sealed_env, options from batches
      where account_id = ${account} and id = ${of} for key share`
    if (original === undefined) return yield* new UnknownBatch({ id: of })
    const rows = yield* sql<MemberRow>`
      select state, label, output_name, ended_at is not null as ended, spec, workspace from executions
      where batch_id = ${of} and position = any(${positions}::integer[]) order by position`
    if (rows.length === 0) return yield* new BatchNotRepeatable({ id: of, lacks: "members" })
    if (rows.some(({ ended }) => !ended)) return yield* new NotEnded({ id: of })
    const { spec } = claimOf({
      ...original,
      id: executions[0]!,
      batch_id: null,
      fence: 0,
      spec: original.spec ?? {},
      batch_spec: null,
      batch_workspace: null,
      batch_sealed_env: null,
      time_limit_seconds: null
    }, db.sealing)
    const items = rows.map(({ label, output_name: name, spec: { args }, workspace }, index): NumberedItem => ({
      execution: executions[index]!,
      label,
      name,
      args,
      ...workspace
    }))
    const submission = {
      id,
      account,
      job: repeated(spec, over),
      options: { ...original.options, resume: false },
      retryOf: of,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey })
    }
    const { batch, missing } = yield* accepted(db, submission, Stream.fromIterable(items), 1)
    // Whoever had the files is not asked: nothing would ever send what is missing.
    if (missing.length > 0) return yield* new BatchNotRepeatable({ id: of, lacks: "files" })
    return batch
  }))
