import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Fragment } from "effect/sql/Statement"
import type { Event } from "rgrid/domain/ExecutionState"
import type { ExecutionId, Incarnation, RunnerId } from "rgrid/domain/Id"
import type { Reclaimed } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"
import { ofMembers, throughAll } from "../gates.ts"
import { columns, type LifeRow } from "../rows.ts"
import { judge } from "../transitions.ts"

/** So many rows a transaction: a mass loss of workers must not hold locks for long. */
const most = 500

interface Which {
  readonly condition: Fragment
  readonly locking: Fragment
}

/**
 * Moves so many after so many until a look finds fewer. First it is looked without locks, so that the gates of those found
 * can be locked before them; then again, for what is still so. Rows that somebody else holds are his.
 */
const inBatches = Effect.fnUntraced(function*(db: Database, which: Which, eventOf: (row: LifeRow) => Event) {
  const sql = db.grid
  const reclaimed: Array<Reclaimed> = []
  while (true) {
    const ids = yield* sql<{ id: ExecutionId }>`
      select id from executions where ${which.condition} order by id limit ${most}`
    if (ids.length === 0) return reclaimed as ReadonlyArray<Reclaimed>
    const found = yield* sql.withTransaction(Effect.gen(function*() {
      const gates = yield* ofMembers(sql, ids.map(({ id }) => id))
      const rows = yield* sql<LifeRow>`
        select ${sql.literal(columns.life)} from executions e
        where id = any(${ids.map(({ id }) => id)}::text[]) and ${which.condition} order by id for update ${which.locking}`
      const moves = rows.flatMap((row) => Result.match(judge(row, eventOf(row)), {
        onSuccess: (move) => [move],
        onFailure: () => []
      }))
      if (moves.length > 0) yield* throughAll(db, sql, gates, moves)
      for (const { next, row } of moves) {
        reclaimed.push({ execution: row.id, fence: row.fence, state: next.state })
      }
      return rows.length
    }))
    if (found < most) return reclaimed as ReadonlyArray<Reclaimed>
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
  const locking = sql.literal("skip locked")
  const leases = { condition: sql`state in ('leased', 'running') and lease_until < now()`, locking }
  const uploads = { condition: sql`state = 'uploading' and upload_deadline < now()`, locking }
  return Effect.zipWith(
    inBatches(db, leases, lostOf("worker lost")),
    inBatches(db, uploads, () => ({ _tag: "UploadExpired" })),
    (lost, expired) => [...lost, ...expired]
  )
}

export const reclaim = (db: Database) => (runner: RunnerId, incarnation: Incarnation) => {
  const sql = db.grid
  const condition = sql`state in ('leased', 'running') and runner = ${runner} and incarnation <> ${incarnation}`
  return inBatches(db, { condition, locking: sql.literal("") }, lostOf("worker restarted"))
}
