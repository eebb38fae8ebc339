import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { contentsOf, partsOf } from "rgrid/domain/JobSpec"
import { uploadDeadline } from "rgrid/domain/Timing"
import { canonicalJob, environmentNames } from "rgrid/grid/canonical"
import { type Accepted, IdempotencyConflict, type Part, type Submission } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"
import { newestTurn } from "../gates.ts"
import { pairHashes } from "../metadata.ts"
import { columns, type ExecutionRow, executionOf, specColumns } from "../rows.ts"
import { missingOf, ready } from "./uploaded.ts"

interface Row extends ExecutionRow {
  readonly request_hash: Uint8Array
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(b)

/** None when the key was used before; a call with the same key in flight is waited for. */
const insert = (
  db: Database,
  submission: Submission,
  hash: Uint8Array,
  parts: ReadonlyArray<Part>,
  queued: boolean
) => {
  const { account, id, spec } = submission
  const { head, sealed, workspace } = specColumns(spec, account, db.sealing)
  const state = queued ? "queued" : "uploading"
  const term = Duration.toSeconds(uploadDeadline)
  const sql = db.app
  return sql<ExecutionRow>`
    with accepted as (
      insert into executions (id, account_id, idempotency_key, request_hash, state, retries, script, spec, workspace,
        env_names, sealed_env, retry_of, upload_deadline, turn)
      values (${id}, ${account}, ${submission.idempotencyKey ?? null}, ${hash}, ${state}, ${spec.retries},
        ${spec.script}, ${JSON.stringify(head)}::json, ${JSON.stringify(workspace)}::json,
        ${environmentNames(spec)}::text[], ${sealed}, ${submission.retryOf ?? null}, now() + make_interval(secs => ${term}),
        ${newestTurn(sql, account)} + 1 + (
          select count(*) from batches where account_id = ${account} and ended_at is null
        ))
      on conflict (account_id, idempotency_key) where idempotency_key is not null do nothing
      returning *
    ), pinned as (
      insert into execution_parts (account_id, execution_id, sha256, size)
      select e.account_id, e.id, p.sha256, p.size
      from accepted e, unnest(
        ${parts.map((part) => part.sha256)}::text[], ${parts.map((part) => part.size)}::bigint[]
      ) as p(sha256, size)
    ), findable as (
      insert into execution_metadata (account_id, pair, execution_id)
      select e.account_id, m.pair, e.id from accepted e, unnest(${pairHashes(spec.metadata)}::text[]) as m(pair)
    ), told as (
      insert into events (account_id, execution_id, seq, type, state, fence)
      select account_id, id, version, 'Accepted', state, fence from accepted
    )
    select ${sql.literal(columns.execution)} from accepted e`
}

const before = Effect.fnUntraced(function*(db: Database, submission: Submission, key: string, hash: Uint8Array) {
  const sql = db.app
  const [row] = yield* sql<Row>`
    select ${sql.literal(columns.execution)}, e.request_hash from executions e
    where account_id = ${submission.account} and idempotency_key = ${key} for update`
  if (row === undefined) return yield* Effect.die(`Idempotency key neither new nor old: ${submission.id}`)
  if (!equal(row.request_hash, hash)) return yield* new IdempotencyConflict({ key })
  return yield* ready(db, row)
})

/** Within a transaction of the account. */
export const accepted = Effect.fnUntraced(function*(db: Database, submission: Submission) {
  const { account, idempotencyKey, spec } = submission
  const hash = db.sealing.fingerprint(canonicalJob(submission))
  const parts = Array.from(partsOf(contentsOf(spec)), ([sha256, size]): Part => ({ sha256, size }))
  const missing = yield* missingOf(db, account, parts)
  const [row] = yield* insert(db, submission, hash, parts, missing.length === 0)
  if (row === undefined) return yield* before(db, submission, idempotencyKey ?? "", hash)
  if (missing.length === 0) yield* db.app.afterCommit(db.tell([{ _tag: "Queued" }]))
  return { execution: executionOf(row), missing } satisfies Accepted
})

export const accept = (db: Database) => (submission: Submission) =>
  db.asAccount(submission.account, accepted(db, submission))

