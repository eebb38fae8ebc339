/** Members that nothing is missing of any more go on. */
import * as Effect from "effect/Effect"
import type { Database } from "../Database.ts"
import { type Gate, promote } from "../gates.ts"
import { columns, type LifeRow } from "../rows.ts"
import { apply, type Move } from "../transitions.ts"
import { missingIn } from "./missing.ts"

/** Those of whose parts, and of the batch's, none is missing. Their pins stand: what is stored now stays. */
const whole = (db: Database, { account_id: account, id }: Gate) => {
  const sql = db.app
  const stored = sql`exists (select from parts s where s.account_id = ${account} and s.sha256 = p.sha256)`
  return sql<LifeRow>`
    select ${sql.literal(columns.life)} from executions e
    where batch_id = ${id} and state = 'uploading'
      and not exists (select from execution_parts p where p.execution_id = ${id} and not ${stored})
      and not exists (select from execution_parts p where p.execution_id = e.id and not ${stored})
    order by position for update`
}

const held = (row: LifeRow): Move => ({
  row,
  event: { _tag: "Uploaded", held: true },
  next: {
    state: "held",
    fence: row.fence,
    lost: row.lost,
    retries: row.retries,
    cancelRequested: row.cancel_requested,
    failure: null
  }
})

/**
 * Lets them in; answers what others lack. That is looked for first: a part that another call stores in between is then
 * told as missing, and sent again, but no member waits for one that nobody is asked for.
 */
export const arrived = Effect.fnUntraced(function*(db: Database, gate: Gate, limit: number) {
  const missing = yield* missingIn(db.app, gate.id, limit)
  const moves = (yield* whole(db, gate)).map(held)
  if (moves.length > 0) yield* apply(db, db.app, moves)
  yield* promote(db, db.app, gate)
  return missing
})
