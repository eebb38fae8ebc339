import * as Effect from "effect/Effect"
import type { ExecutionId, Incarnation } from "rgrid/domain/Id"
import type { Attempt, Renewal } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"
import { term } from "./claim.ts"

interface Row {
  readonly id: ExecutionId
  readonly fence: number
  readonly held: boolean
  readonly cancel_requested: boolean
}

/** Rows are locked in the order of their ids, here and in `extendLeases`: two at once can't wait in a circle. */
export const renew = (db: Database) => (incarnation: Incarnation, attempts: ReadonlyArray<Attempt>) => {
  if (attempts.length === 0) return Effect.succeed<ReadonlyArray<Renewal>>([])
  const sql = db.grid
  return sql<Row>`
    with asked as (
      select * from unnest(${attempts.map((attempt) => attempt.execution)}::text[],
        ${attempts.map((attempt) => attempt.fence)}::integer[]) with ordinality as a(id, fence, place)
    ), locked as (
      select e.id from executions e
      where e.id in (select id from asked) and incarnation = ${incarnation} and state in ('leased', 'running')
      order by e.id for update
    ), held as (
      update executions e set lease_until = now() + make_interval(secs => ${term})
      from locked where e.id = locked.id and (e.id, e.fence) in (select id, fence from asked)
      returning e.id, e.fence, e.cancel_requested
    )
    select asked.id, asked.fence, held.id is not null as held,
      coalesce(held.cancel_requested, false) as cancel_requested
    from asked left join held on held.id = asked.id and held.fence = asked.fence order by place`
    .pipe(Effect.map((rows) =>
      rows.map((row): Renewal => ({
        execution: row.id,
        fence: row.fence,
        held: row.held,
        cancelRequested: row.cancel_requested
      }))
    ))
}

/** Attempts whose lease ran out meanwhile and that nobody swept get it too: nobody else holds them. */
export const extendLeases = (db: Database) =>
  db.grid`
    with locked as (
      select id from executions where state in ('leased', 'running') order by id for update
    )
    update executions e set lease_until = greatest(lease_until, now() + make_interval(secs => ${term}))
    from locked where e.id = locked.id`
    .pipe(Effect.asVoid)
