/** Members' rows, so many in one statement. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { ContentKind } from "rgrid/domain/Batch"
import type { AccountId, BatchId } from "rgrid/domain/Id"
import { type JobSpec, partsOf, type Sha256 } from "rgrid/domain/JobSpec"
import { uploadDeadline } from "rgrid/domain/Timing"
import type { NumberedItem } from "rgrid/ports/BatchStore"
import type { Part } from "rgrid/ports/ExecutionStore"
import { newestPlace } from "../gates.ts"
import { happened } from "../history.ts"
import { pairHashes } from "../metadata.ts"

export interface Member {
  readonly item: NumberedItem
  /** Hex. */
  readonly itemKey: string
  readonly contentKey: string
  readonly content: Partial<Record<ContentKind, string>>
}

export const partsOfItem = ({ files }: Pick<NumberedItem, "files">): ReadonlyMap<Sha256, number> =>
  partsOf(files.map(({ content }) => content))

interface Into {
  readonly id: BatchId
  readonly account: AccountId
  readonly job: JobSpec
  /** Of the first of these members. */
  readonly position: number
}

/** `states`: what each begins as. Those queued take their turns one after the other, as if they had been let in. */
export const insertMembers = (
  sql: PgClient.PgClient,
  { account, id, job, position }: Into,
  members: ReadonlyArray<Member>,
  states: ReadonlyArray<"uploading" | "held" | "queued">
) => {
  const items = members.map(({ item }) => item)
  const term = Duration.toSeconds(uploadDeadline)
  return sql`
    with given as (
      select *, count(*) filter (where state = 'queued') over (order by place) as let_in from unnest(
        ${items.map(({ execution }) => execution)}::text[], ${items.map(({ label }) => label)}::text[],
        ${items.map(({ name }) => name)}::text[], ${states}::text[],
        ${items.map(({ args }) => JSON.stringify({ args }))}::text[],
        ${items.map(({ directories, files }) => JSON.stringify({ files, directories }))}::text[],
        ${members.map(({ itemKey }) => itemKey)}::text[], ${members.map(({ contentKey }) => contentKey)}::text[],
        ${members.map(({ content }) => JSON.stringify(content))}::text[]
      ) with ordinality as g(id, label, name, state, spec, workspace, item_key, content_key, content, place)
    ), base as (${newestPlace(sql, account, id)}), accepted as (
      insert into executions (id, account_id, request_hash, state, retries, script, spec, workspace, env_names, sealed_env,
        upload_deadline, batch_id, position, label, output_name, item_key, content_key, content, turn, history)
      select id, ${account}, '', state, ${job.retries}, ${job.script}, spec::json, workspace::json, '{}', '',
        now() + make_interval(secs => ${term}), ${id}, ${position - 1} + place, label, name,
        decode(item_key, 'hex'), decode(content_key, 'hex'), content::json,
        case when state = 'queued' then base.turn + base.stride * let_in else 0 end,
        ${sql.literal(happened("'Accepted'", "state", "'0'"))}
      from given, base
      returning id
    )
    insert into execution_metadata (account_id, pair, execution_id)
    select ${account}, m.pair, accepted.id from accepted, unnest(${pairHashes(job.metadata)}::text[]) as m(pair)`
}

/** Of members, or of the batch itself for what they all need. */
export const pin = (
  sql: PgClient.PgClient,
  account: AccountId,
  pins: ReadonlyArray<Part & { readonly owner: string }>
) =>
  pins.length === 0 ? Effect.void : sql`
    insert into execution_parts (account_id, execution_id, sha256, size)
    select ${account}, owner, sha256, size from unnest(${pins.map(({ owner }) => owner)}::text[],
      ${pins.map(({ sha256 }) => sha256)}::text[], ${pins.map(({ size }) => String(size))}::text[]::bigint[])
      as p(owner, sha256, size)`.pipe(Effect.asVoid)
