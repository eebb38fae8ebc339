/**
 * What Postgres itself takes of a job that stays after its end: handed in, taken and ended by one plain statement a group
 * each, in groups of the sizes ours come in. Nothing is fenced, numbered behind a gate, priced, or told to anybody.
 */
import type * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import { batched, many } from "./modes.ts"

/** Lists that a job stands in: all of an account's, a batch's, those that ended, a batch's in the order of their ends. */
const lists = [
  "create index on floor (account, id desc)",
  "create unique index on floor (batch, position)",
  "create index on floor (account, ended_at) where ended_at is not null",
  "create unique index on floor (batch, finished) where finished is not null"
]

/** As many columns beside as an execution has. */
const beside = many(30).map((index) => `c${index} ${["text", "bigint not null default 0", "timestamptz"][index % 3]}`)

export interface Kept {
  readonly what: string
  readonly columns: ReadonlyArray<string>
  readonly indexes: ReadonlyArray<string>
}

export const kept: ReadonlyArray<Kept> = [
  { what: "found by its id and in the queue", columns: [], indexes: [] },
  { what: "and in the lists of an account and a batch", columns: [], indexes: lists },
  { what: "and as wide as an execution", columns: beside, indexes: lists }
]

export const makeFloor = Effect.fnUntraced(function*(sql: PgClient.PgClient, { columns, indexes }: Kept) {
  const own = [
    `id text collate "C" primary key, account text collate "C", batch text collate "C", position integer, finished integer`,
    "state text, turn bigint, created_at timestamptz default now(), claimed_at timestamptz, ended_at timestamptz",
    "fence integer default 0, runner text, lease_until timestamptz, spec json, manifest json, history text default ''"
  ]
  const statements = [
    "drop table if exists floor",
    `create table floor (${[...own, ...columns].join(", ")}) with (fillfactor = 70)`,
    "create index on floor (turn, created_at, id) where state = 'queued'",
    ...indexes
  ]
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement).unprepared, { discard: true })
})

/** Rows of one statement that hands in, as ours. */
const together = 333

const handIn = Effect.fnUntraced(function*(sql: PgClient.PgClient, batch: string) {
  for (let at = 0; at < batched.jobs; at += together) {
    const numbers = many(Math.min(together, batched.jobs - at)).map((index) => at + index)
    yield* sql`
      insert into floor (id, account, batch, position, state, turn, spec, history)
      select id, 'acct_01m80b8wwpvp9nwk9tcjwfkxsa', ${batch}, position, 'queued', position, spec::json, 'Accepted queued 0'
      from unnest(
        ${numbers.map((number) => `${batch}_${String(number).padStart(6, "0")}`)}::text[], ${numbers}::integer[],
        ${numbers.map((number) => JSON.stringify({ args: [String(number)] }))}::text[]
      ) as given (id, position, spec)`
  }
})

const take = (sql: PgClient.PgClient) =>
  sql<{ id: string }>`
    with picked as (
      select id from floor where state = 'queued' order by turn, created_at, id limit ${batched.atOnce} for update skip locked
    )
    update floor e set state = 'leased', fence = fence + 1, claimed_at = now(), runner = 'run_01m80b8w9106c7tbs2g3ee16a8',
      lease_until = now() + interval '30 seconds', history = history || ' Claimed leased 1'
    from picked where e.id = picked.id returning e.id, e.spec, e.fence`

const end = (sql: PgClient.PgClient, ids: ReadonlyArray<string>, before: number) =>
  sql`
    update floor e set state = 'completed', ended_at = now(), lease_until = null, manifest = '{"outputs":[]}',
      finished = ${before} + g.place, history = history || ' Settled completed 1'
    from unnest(${ids}::text[]) with ordinality as g(id, place) where e.id = g.id and e.fence = 1
    returning e.id, e.state, e.spec, e.fence, e.created_at, e.ended_at`

const drain = Effect.fnUntraced(function*(sql: PgClient.PgClient, done: { ended: number }) {
  while (true) {
    const taken = yield* take(sql)
    if (taken.length === 0) return
    const before = done.ended
    done.ended += taken.length
    yield* end(sql, taken.map(({ id }) => id), before)
  }
})

let batches = 0

export const floor = Effect.fnUntraced(function*(sql: PgClient.PgClient) {
  const done = { ended: 0 }
  yield* handIn(sql, `batch_${String(batches++).padStart(4, "0")}`)
  yield* Effect.forEach(many(batched.workers), () => drain(sql, done), { concurrency: "unbounded", discard: true })
})
