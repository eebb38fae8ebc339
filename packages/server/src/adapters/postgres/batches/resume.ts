/** Items that were completed before with the very same content are left out; of the others it is told what changed. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import { type ContentKind, contentKinds, type Resumption } from "rgrid/domain/Batch"
import type { AccountId, ExecutionId } from "rgrid/domain/Id"
import type { Member } from "./insert.ts"

/** Most items whose changes are told. */
const named = 1000

interface Row {
  readonly place: number
  readonly same: ExecutionId | null
  readonly content: Readonly<Record<string, string>> | null
}

export class Resuming {
  skipped = 0
  readonly #shared: Readonly<Record<string, string>>
  readonly #earlier: Array<Resumption["earlier"][number]> = []
  readonly #again: Array<Resumption["again"][number]> = []

  readonly #runtime: string

  constructor(shared: Readonly<Record<string, string>>, runtime: string) {
    this.#shared = shared
    this.#runtime = runtime
  }

  /** Those of them that run. */
  remaining(sql: PgClient.PgClient, account: AccountId, members: ReadonlyArray<Member>) {
    return Effect.map(found(sql, account, this.#runtime, members), (rows) => {
      const byPlace = new Map(rows.map((row) => [row.place, row]))
      return members.filter((member, index) => this.#judge(member, byPlace.get(index + 1)))
    })
  }

  told(): Resumption {
    return { skipped: this.skipped, earlier: this.#earlier, again: this.#again }
  }

  #judge({ content, item: { label, name } }: Member, row: Row | undefined): boolean {
    if (row !== undefined && row.same !== null) {
      this.skipped++
      this.#earlier.push({ label, name, execution: row.same })
      return false
    }
    if (this.#again.length < named) this.#again.push({ label, changed: changed({ ...this.#shared, ...content }, row?.content) })
    return true
  }
}

const changed = (
  now: Readonly<Record<string, string>>,
  then: Readonly<Record<string, string>> | null | undefined
): ReadonlyArray<ContentKind | "new"> => {
  if (then === null || then === undefined) return ["new"]
  const kinds = contentKinds.filter((kind) => now[kind] !== then[kind])
  // All is as it was, but for what the runtime's name stands for.
  return kinds.length === 0 ? ["runtime"] : kinds
}

/** For each, a completed member with the same content, else what the newest completed one of the same item was made of. */
const found = (sql: PgClient.PgClient, account: AccountId, runtime: string, members: ReadonlyArray<Member>) =>
  sql<Row>`
    select g.place::integer as place, same.id as same, case when same.id is null then latest.content end as content
    from unnest(${members.map(({ contentKey }) => contentKey)}::text[], ${members.map(({ itemKey }) => itemKey)}::text[])
      with ordinality as g(content_key, item_key, place)
    left join lateral (
      select id from executions
      where account_id = ${account} and content_key = decode(g.content_key, 'hex') and state = 'completed'
        and item_key = decode(g.item_key, 'hex')
        and (runtime_digest is null or runtime_digest = coalesce(
          (select digest from runtime_digests where account_id = ${account} and runtime = ${runtime}), runtime_digest
        ))
      order by created_at desc limit 1
    ) same on true
    left join lateral (
      select (b.content::jsonb || e.content::jsonb) as content
      from executions e join batches b on b.id = e.batch_id
      where e.account_id = ${account} and e.item_key = decode(g.item_key, 'hex') and e.state = 'completed'
      order by e.created_at desc limit 1
    ) latest on same.id is null`
