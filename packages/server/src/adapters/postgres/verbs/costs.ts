import * as Effect from "effect/Effect"
import type { State } from "rgrid/domain/ExecutionState"
import type { AccountId, ExecutionId } from "rgrid/domain/Id"
import type { Charge, Spent, Stretch } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"

/** The driver takes the type of an array from its elements, and refuses small numbers beside large ones. */
const texts = (numbers: ReadonlyArray<number>): ReadonlyArray<string> => numbers.map(String)

/** Sums of bigint are numeric; as doubles they are exact below 2^53 micros, nine billion EUR. */
export const costs = (db: Database) => (account: AccountId, stretches: ReadonlyArray<Stretch>) => {
  const sql = db.app
  return db.asAccount(account, sql<Spent>`
    select count(e.id)::integer as executions, coalesce(sum(e.slot_microseconds), 0)::float8 as microseconds,
      coalesce(sum(e.cost_micros), 0)::float8 as micros
    from unnest(${texts(stretches.map(({ from }) => from))}::text[]::float8[],
      ${texts(stretches.map(({ until }) => until))}::text[]::float8[])
      with ordinality as s(begins, ends, place)
    left join executions e on e.account_id = ${account} and e.ended_at >= to_timestamp(s.begins / 1000)
      and e.ended_at < to_timestamp(s.ends / 1000)
    group by s.place order by s.place`)
}

interface Row {
  readonly execution: ExecutionId
  readonly script: string
  readonly state: State
  readonly ended_at: Date
  readonly microseconds: number
  readonly micros: number
}

export const charges = (db: Database) =>
(account: AccountId, { from, until }: Stretch, page: { readonly limit: number; readonly before?: ExecutionId }) => {
  const sql = db.app
  const before = page.before === undefined ? sql`true` : sql`id < ${page.before}`
  return db.asAccount(account, sql<Row>`
    select id as execution, script, state, ended_at, slot_microseconds::float8 as microseconds,
      cost_micros::float8 as micros
    from executions where account_id = ${account} and ended_at >= to_timestamp(${from}::float8 / 1000)
      and ended_at < to_timestamp(${until}::float8 / 1000) and ${before}
    order by id desc limit ${page.limit}`)
    .pipe(Effect.map((rows) =>
      rows.map(({ ended_at, ...row }): Charge => ({ ...row, endedAt: ended_at.getTime() }))
    ))
}
