import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { AccountId } from "rgrid/domain/Id"
import { contentsOf, partsOf } from "rgrid/domain/JobSpec"
import { canonicalJob } from "rgrid/grid/canonical"
import { type Accepted, IdempotencyConflict, type Part, type Submission } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"
import { grouping } from "../grouping.ts"
import { columns, type ExecutionRow, executionOf } from "../rows.ts"
import { insert, type Newcomer } from "./insert.ts"
import { missingOf, ready } from "./uploaded.ts"

interface Row extends ExecutionRow {
  readonly request_hash: Uint8Array
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(b)

const before = Effect.fnUntraced(function*(db: Database, { hash, submission }: Newcomer) {
  const sql = db.app
  const { account, id, idempotencyKey: key = "" } = submission
  const [row] = yield* sql<Row>`
    select ${sql.literal(columns.execution)}, e.request_hash from executions e
    where account_id = ${account} and idempotency_key = ${key} for update`
  if (row === undefined) return yield* Effect.die(`Idempotency key neither new nor old: ${id}`)
  if (!equal(row.request_hash, hash)) return yield* new IdempotencyConflict({ key })
  return yield* ready(db, row)
})

const newcomersOf = Effect.fnUntraced(function*(db: Database, account: AccountId, submissions: ReadonlyArray<Submission>) {
  const sized = submissions.map((submission) => ({
    submission,
    hash: db.sealing.fingerprint(canonicalJob(submission)),
    parts: Array.from(partsOf(contentsOf(submission.spec)), ([sha256, size]): Part => ({ sha256, size }))
  }))
  const needed = new Map(sized.flatMap(({ parts }) => parts.map((part) => [part.sha256, part] as const)))
  const missing = new Set((yield* missingOf(db, account, [...needed.values()])).map(({ sha256 }) => sha256))
  return sized.map((one) => {
    const lacks = one.parts.filter(({ sha256 }) => missing.has(sha256))
    return { ...one, missing: lacks, queued: lacks.length === 0 }
  })
})

/** Within a transaction of the account. */
export const acceptedAll = Effect.fnUntraced(function*(
  db: Database,
  account: AccountId,
  submissions: ReadonlyArray<Submission>
) {
  const newcomers = yield* newcomersOf(db, account, submissions)
  const rows = yield* insert(db, account, newcomers)
  if (newcomers.some(({ queued, submission }) => queued && rows.has(submission.id))) {
    yield* db.app.afterCommit(db.tell([{ _tag: "Queued" }]))
  }
  return yield* Effect.forEach(newcomers, (newcomer) => {
    const row = rows.get(newcomer.submission.id)
    return row !== undefined
      ? Effect.succeed(Exit.succeed<Accepted>({ execution: executionOf(row), missing: newcomer.missing }))
      : before(db, newcomer).pipe(
        Effect.map((accepted): Exit.Exit<Accepted, IdempotencyConflict> => Exit.succeed(accepted)),
        Effect.catchTag("IdempotencyConflict", (conflict) => Effect.succeed(Exit.fail(conflict)))
      )
  })
})

/** Those of one account together: what a transaction sees and writes is that account's. */
export const accept = (db: Database) =>
  grouping<Submission, Accepted, IdempotencyConflict>(db.scope, {
    keyOf: ({ account }) => account,
    lengthOf: ({ spec }) => spec.files.length,
    run: (submissions) => {
      const { account } = submissions[0]!
      return db.asAccount(account, acceptedAll(db, account, submissions))
    }
  })
