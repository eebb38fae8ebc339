import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { lease } from "rgrid/domain/Timing"
import { type Attempt, type Claimant, StaleAttempt } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"
import { happened } from "../history.ts"
import { type ClaimRow, claimOf, claimsOf, columns } from "../rows.ts"

export const term = Duration.toSeconds(lease)

/** Over the partial index on what is queued, whose order this is. */
export const nextQueued = "select id from executions where state = 'queued' order by turn, created_at, id"

/**
 * One statement. The rows are picked in a query of their own: as a sub-select of the UPDATE it could be run again by
 * the planner's choice and lock more rows than asked.
 */
export const claim = (db: Database) => (claimant: Claimant, count: number) => {
  const sql = db.grid
  const { incarnation, price, runner, sandbox } = claimant
  return sql<ClaimRow>`
    with given as (
      select ${JSON.stringify({ runner, sandbox, price })}::text as data
    ), picked as (
      ${sql.literal(nextQueued)} limit ${count} for update skip locked
    ), moved as (
      update executions e set state = 'leased', fence = e.fence + 1, version = e.version + 1, runner = ${runner},
        incarnation = ${incarnation}, sandbox = ${sandbox}, claimed_at = now(), hourly_micros = ${price.hourlyMicros},
        worker_slots = ${price.slots}, lease_until = now() + make_interval(secs => ${term}),
        history = e.history || ${sql.literal(happened("'Claimed'", "'leased'", "(e.fence + 1)", "given.data"))}
      from given, picked where e.id = picked.id
      returning ${sql.literal(columns.claimed)}
    ), taken as (
      update turns set taken = (select max(turn) from moved) where taken < (select max(turn) from moved)
    )
    select ${sql.literal(columns.claims)} from moved e order by turn, created_at, id`
    .pipe(Effect.map((rows) => claimsOf(rows, db.sealing)))
}

export const claimed = (db: Database) => (attempt: Attempt) =>
  db.grid<ClaimRow>`
    select ${db.grid.literal(columns.claim)} from executions e
    where id = ${attempt.execution} and fence = ${attempt.fence} and state in ('leased', 'running')`
    .pipe(Effect.flatMap(([row]) =>
      row === undefined ? Effect.fail(new StaleAttempt({ ...attempt })) : Effect.succeed(claimOf(row, db.sealing))
    ))

export const holds = (db: Database) => (attempt: Attempt) =>
  db.grid`select from executions where id = ${attempt.execution} and fence = ${attempt.fence} and state in ('leased', 'running')`
    .pipe(Effect.map((rows) => rows.length > 0))
