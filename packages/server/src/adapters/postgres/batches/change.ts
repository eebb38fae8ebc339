import * as Effect from "effect/Effect"
import { waitingStates } from "rgrid/domain/ExecutionState"
import type { AccountId, BatchId, ExecutionId } from "rgrid/domain/Id"
import type { Sha256 } from "rgrid/domain/JobSpec"
import { type BatchAccepted, UnknownBatch } from "rgrid/ports/BatchStore"
import { NotEnded } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"
import { endMembers, type Gate, locked } from "../gates.ts"
import { unpinned } from "../verbs/remove.ts"
import { arrived } from "./arrived.ts"
import { read } from "./rows.ts"

/** With the batch's row locked, seen from its account. */
const holding = <A, E, R>(
  db: Database,
  account: AccountId,
  id: BatchId,
  use: (gate: Gate) => Effect.Effect<A, E, R>
) =>
  db.asAccount(account, Effect.gen(function*() {
    const [gate] = yield* locked(db.app, [id])
    return gate === undefined ? yield* new UnknownBatch({ id }) : yield* use(gate)
  }))

const now = (db: Database, id: BatchId) =>
  Effect.flatMap(
    read(db.app, db.app`b.id = ${id}`),
    ([batch]) => batch === undefined ? Effect.die(`A locked batch is gone: ${id}`) : Effect.succeed(batch)
  )

export const uploadedBatch = (db: Database) => (account: AccountId, id: BatchId, limit: number) =>
  holding(db, account, id, (gate) =>
    Effect.gen(function*() {
      const missing = yield* arrived(db, gate, limit)
      return { batch: yield* now(db, id), missing } satisfies BatchAccepted
    }))

export const cancelBatch = (db: Database) => (account: AccountId, id: BatchId) =>
  holding(db, account, id, (gate) =>
    Effect.gen(function*() {
      const sql = db.app
      if (gate.finished < gate.total) {
        yield* sql`update batches set halted = coalesce(halted, 'canceled') where id = ${id}`
        const after = yield* endMembers(db, sql, gate, waitingStates, { _tag: "CancelRequested" })
        yield* endMembers(db, sql, after, ["leased", "running"], { _tag: "CancelRequested" })
        yield* sql.afterCommit(db.tell([{ _tag: "BatchChanged", batch: id }]))
      }
      return yield* now(db, id)
    }))

interface Gone {
  readonly members: ReadonlyArray<ExecutionId>
  readonly parts: ReadonlyArray<Sha256>
}

export const removeBatch = (db: Database) =>
<E>(account: AccountId, id: BatchId, discard: (gone: Gone) => Effect.Effect<void, E>) =>
  holding(db, account, id, (gate) =>
    Effect.gen(function*() {
      const sql = db.app
      if (gate.finished < gate.total) return yield* new NotEnded({ id })
      const rows = yield* sql<{ id: ExecutionId }>`select id from executions where batch_id = ${id} for update`
      const members = rows.map((row) => row.id)
      const parts = yield* unpinned(db, account, [id, ...members])
      yield* sql`delete from execution_metadata where execution_id = any(${members}::text[])`
      yield* sql`delete from executions where batch_id = ${id}`
      yield* sql`delete from batches where id = ${id}`
      // As for one execution: before the commit, so that nobody pins what is being removed.
      yield* discard({ members, parts })
    }))
