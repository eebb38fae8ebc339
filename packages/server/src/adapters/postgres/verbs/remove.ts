import * as Effect from "effect/Effect"
import { isFinal } from "rgrid/domain/ExecutionState"
import type { AccountId, ExecutionId } from "rgrid/domain/Id"
import type { Sha256 } from "rgrid/domain/JobSpec"
import { NotEnded, UnknownExecution } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"
import { columns, type LifeRow } from "../rows.ts"

/**
 * Parts of these executions alone, or of a batch. Whoever is accepting a job with one of them holds its row until its pin stands, so the
 * rows are locked first and the pins are looked for in a statement of its own.
 */
export const unpinned = Effect.fnUntraced(function*(db: Database, account: AccountId, owners: ReadonlyArray<string>) {
  const sql = db.app
  const locked = yield* sql<{ sha256: Sha256 }>`
    select sha256 from parts p where account_id = ${account}
      and sha256 in (select sha256 from execution_parts where execution_id = any(${owners}::text[]))
    order by sha256 for update`
  yield* sql`delete from execution_parts where execution_id = any(${owners}::text[])`
  if (locked.length === 0) return []
  const gone = yield* sql<{ sha256: Sha256 }>`
    delete from parts p where account_id = ${account} and sha256 = any(${locked.map(({ sha256 }) => sha256)}::text[])
      and not exists (
        select from execution_parts o where o.account_id = p.account_id and o.sha256 = p.sha256
      )
    returning sha256`
  return gone.map(({ sha256 }) => sha256)
})

export const remove = (db: Database) =>
<E>(account: AccountId, id: ExecutionId, discard: (parts: ReadonlyArray<Sha256>) => Effect.Effect<void, E>) =>
  db.asAccount(account, Effect.gen(function*() {
    const sql = db.app
    const [row] = yield* sql<LifeRow>`
      select ${sql.literal(columns.life)} from executions e
      where account_id = ${account} and id = ${id} for update`
    if (row === undefined) return yield* new UnknownExecution({ id })
    if (!isFinal(row.state)) return yield* new NotEnded({ id })
    const parts = yield* unpinned(db, account, [id])
    yield* sql`delete from execution_metadata where execution_id = ${id}`
    yield* sql`delete from executions where id = ${id}`
    // Before the commit: who waits to pin one of them finds it missing and sends it again, behind its removal.
    yield* discard(parts)
  }))
