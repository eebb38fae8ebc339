import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Event } from "rgrid/domain/ExecutionState"
import type { Incarnation, RunnerId } from "rgrid/domain/Id"
import type { Reclaimed } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"
import { columns, type LifeRow } from "../rows.ts"
import { apply, judge } from "../transitions.ts"

/** So many rows a transaction: a mass loss of workers must not hold locks for long. */
const batch = 500

/** Moves batch after batch until a select finds fewer than a batch. Rows that somebody else holds are his. */
const inBatches = Effect.fnUntraced(function*<E>(
  db: Database,
  select: Effect.Effect<ReadonlyArray<LifeRow>, E>,
  eventOf: (row: LifeRow) => Event
) {
  const sql = db.grid
  const reclaimed: Array<Reclaimed> = []
  while (true) {
    const rows = yield* sql.withTransaction(Effect.gen(function*() {
      const rows = yield* select
      const moves = rows.flatMap((row) => Result.match(judge(row, eventOf(row)), {
        onSuccess: (move) => [move],
        onFailure: () => []
      }))
      if (moves.length > 0) yield* apply(db, sql, moves)
      for (const { next, row } of moves) {
        reclaimed.push({ execution: row.id, fence: row.fence, state: next.state })
      }
      return rows
    }))
    if (rows.length < batch) return reclaimed as ReadonlyArray<Reclaimed>
  }
})

const lostOf = (detail: string) => (row: LifeRow): Event => ({
  _tag: "AttemptLost",
  fence: row.fence,
  detail,
  counts: true
})

export const sweep = (db: Database) => {
  const sql = db.grid
  const leases = sql<LifeRow>`
    select ${sql.literal(columns.life)} from executions e
    where state in ('leased', 'running') and lease_until < now() limit ${batch} for update skip locked`
  const uploads = sql<LifeRow>`
    select ${sql.literal(columns.life)} from executions e
    where state = 'uploading' and upload_deadline < now() limit ${batch} for update skip locked`
  return Effect.zipWith(
    inBatches(db, leases, lostOf("worker lost")),
    inBatches(db, uploads, () => ({ _tag: "UploadExpired" })),
    (lost, expired) => [...lost, ...expired]
  )
}

export const reclaim = (db: Database) => (runner: RunnerId, incarnation: Incarnation) => {
  const sql = db.grid
  const held = sql<LifeRow>`
    select ${sql.literal(columns.life)} from executions e
    where state in ('leased', 'running') and runner = ${runner} and incarnation <> ${incarnation}
    order by id limit ${batch} for update`
  return inBatches(db, held, lostOf("worker restarted"))
}
