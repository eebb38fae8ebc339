/** Rows of new executions, so many in one statement. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { AccountId } from "rgrid/domain/Id"
import { uploadDeadline } from "rgrid/domain/Timing"
import { environmentNames } from "rgrid/grid/canonical"
import type { Part, Submission } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"
import { newestTurn } from "../gates.ts"
import { happened } from "../history.ts"
import { pairHashes } from "../metadata.ts"
import { columns, type ExecutionRow, specColumns } from "../rows.ts"

export interface Newcomer {
  readonly submission: Submission
  readonly hash: Uint8Array
  readonly parts: ReadonlyArray<Part>
  /** Nothing of it is missing. */
  readonly queued: boolean
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

/** Behind `:`, so that '' is none: the driver can't tell the type of an array of nulls. */
const keyed = (key: string | undefined): string => key === undefined ? "" : `:${key}`

/** How many places behind its flow's newest each one begins: only who is queued takes one. */
const placesOf = (newcomers: ReadonlyArray<Newcomer>): ReadonlyArray<string> => {
  let before = 0
  return newcomers.map(({ queued }) => String(queued ? ++before : before + 1))
}

const rowsOf = (db: Database, newcomers: ReadonlyArray<Newcomer>) => {
  const all = newcomers.map(({ submission }) => submission)
  const stored = all.map(({ account, spec }) => specColumns(spec, account, db.sealing))
  return db.app`unnest(
    ${all.map(({ id }) => id)}::text[], ${all.map(({ idempotencyKey }) => keyed(idempotencyKey))}::text[],
    ${newcomers.map(({ hash }) => hex(hash))}::text[], ${newcomers.map(({ queued }) => queued ? "queued" : "uploading")}::text[],
    ${all.map(({ spec }) => String(spec.retries))}::text[], ${all.map(({ spec }) => spec.script)}::text[],
    ${stored.map(({ head }) => JSON.stringify(head))}::text[], ${stored.map(({ workspace }) => JSON.stringify(workspace))}::text[],
    ${stored.map(({ sealed }) => hex(sealed))}::text[], ${all.map(({ retryOf }) => retryOf ?? "")}::text[],
    ${placesOf(newcomers)}::text[]
  ) as g(id, key, hash, state, retries, script, spec, workspace, sealed, retry_of, place)`
}

/** What each has any number of, as one list with its owner beside it. */
const owned = (newcomers: ReadonlyArray<Newcomer>, of: (newcomer: Newcomer) => ReadonlyArray<string>) => {
  const pairs = newcomers.flatMap((newcomer) => of(newcomer).map((text) => [newcomer.submission.id, text] as const))
  return { owners: pairs.map(([owner]) => owner), texts: pairs.map(([, text]) => text) }
}

/**
 * Answers those that are new: a key used before, in this statement too, is passed over; a call with the same key in flight is
 * waited for. In the order of their keys, so that two statements can't wait for each other.
 */
export const insert = (db: Database, account: AccountId, newcomers: ReadonlyArray<Newcomer>) => {
  const sql = db.app
  const names = owned(newcomers, ({ submission }) => environmentNames(submission.spec))
  const pairs = owned(newcomers, ({ submission }) => pairHashes(submission.spec.metadata))
  const pins = owned(newcomers, ({ parts }) => parts.map(({ sha256 }) => sha256))
  const sizes = newcomers.flatMap(({ parts }) => parts.map(({ size }) => String(size)))
  return sql<ExecutionRow>`
    with names as (
      select owner, array_agg(name order by place) as names
      from unnest(${names.owners}::text[], ${names.texts}::text[]) with ordinality as n(owner, name, place) group by owner
    ), flow as (
      select ${newestTurn(sql, account, account)} as turn, 1 + (
        select count(*) from batches where account_id = ${account} and ended_at is null
      ) as stride
    ), accepted as (
      insert into executions (id, account_id, idempotency_key, request_hash, state, retries, script, spec, workspace,
        env_names, sealed_env, retry_of, upload_deadline, turn, history)
      select id, ${account}, substr(nullif(key, ''), 2), decode(hash, 'hex'), state, retries::integer, script, spec::json,
        workspace::json, coalesce(names, '{}'), decode(sealed, 'hex'), nullif(retry_of, ''),
        now() + make_interval(secs => ${Duration.toSeconds(uploadDeadline)}), flow.turn + flow.stride * place::integer,
        ${sql.literal(happened("'Accepted'", "state", "'0'"))}
      from ${rowsOf(db, newcomers)} cross join flow left join names on names.owner = g.id
      order by key
      on conflict (account_id, idempotency_key) where idempotency_key is not null do nothing
      returning *
    ), pinned as (
      insert into execution_parts (account_id, execution_id, sha256, size)
      select e.account_id, e.id, p.sha256, p.size::bigint
      from accepted e join unnest(${pins.owners}::text[], ${pins.texts}::text[], ${sizes}::text[]) as p(owner, sha256, size)
        on p.owner = e.id
    ), findable as (
      insert into execution_metadata (account_id, pair, execution_id)
      select e.account_id, m.pair, e.id
      from accepted e join unnest(${pairs.owners}::text[], ${pairs.texts}::text[]) as m(owner, pair) on m.owner = e.id
    )
    select ${sql.literal(columns.execution)} from accepted e`
    .pipe(Effect.map((rows) => new Map(rows.map((row) => [row.id, row]))))
}
