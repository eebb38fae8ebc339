import type * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import type { BatchId } from "rgrid/domain/Id"
import type { Part } from "rgrid/ports/ExecutionStore"

/** Parts that a batch's waiting members lack, first those that all need; each once. */
export const missingIn = (sql: PgClient.PgClient, id: BatchId, limit: number) =>
  Effect.gen(function*() {
    const lacks = sql`not exists (select from parts s where s.account_id = p.account_id and s.sha256 = p.sha256)`
    const shared = yield* sql<Part>`
      select sha256, size::float8 as size from execution_parts p
      where execution_id = ${id} and ${lacks} order by sha256 limit ${limit}`
    const room = limit - shared.length
    if (room === 0) return shared
    const own = yield* sql<Part>`
      select p.sha256, min(p.size)::float8 as size
      from executions e join execution_parts p on p.execution_id = e.id
      where e.batch_id = ${id} and e.state = 'uploading' and ${lacks}
      group by p.sha256 order by min(e.position) limit ${room}`
    const known = new Set(shared.map(({ sha256 }) => sha256))
    return [...shared, ...own.filter(({ sha256 }) => !known.has(sha256))]
  })
