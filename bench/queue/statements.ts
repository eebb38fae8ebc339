/** What Postgres counts of each statement, told for one job of many. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import { tableOf } from "../report.ts"

interface Counted {
  readonly query: string
  readonly calls: number
  readonly micros: number
  readonly bytes: number
  readonly records: number
}

/** What the statements are for, by words in them. */
const names: ReadonlyArray<readonly [RegExp, string]> = [
  [/insert into executions/, "accept: rows"],
  [/update executions e set state = 'leased'/, "claim"],
  [/update executions e set state = 'queued'/, "let in from the gate"],
  [/^\s*with seen as/, "settle: rows"],
  [/from batches where id = any/, "settle: lock of the batch, its wait included"],
  [/from executions e where id = any/, "settle: look"],
  [/update batches set active/, "settle: counts"],
  [/add_jobs\(/, "addJobs"],
  [/j_raw/, "take"],
  [/delete from .*_private_jobs/s, "complete, which deletes"],
  [/INSERT INTO pgboss/, "insert"],
  [/WITH\s+next/, "fetch"],
  [/WITH\s+results/, "complete"],
  [/"pgboss"."queue" x/, "check of the queue"]
]

const nameOf = (query: string): string =>
  names.find(([words]) => words.test(query))?.[1] ?? `\`${query.trim().replaceAll(/[\s|]+/g, " ").slice(0, 40)}…\``

const line = ({ bytes, calls, micros, query, records }: Counted): ReadonlyArray<string> =>
  [nameOf(query), String(calls), micros.toFixed(1), bytes.toFixed(0), records.toFixed(1)]

/** Those that take a hundredth of the time or more. */
export const statements = (sql: PgClient.PgClient, jobs: number) =>
  sql<Counted>`
    select query, calls::float8 as calls, total_exec_time * 1000 / ${jobs}::float8 as micros,
      wal_bytes::float8 / ${jobs}::float8 as bytes, wal_records::float8 / ${jobs}::float8 as records
    from pg_stat_statements where query not like '%pg_stat%' order by total_exec_time desc limit 12`.pipe(
    Effect.map((all) => {
      const whole = all.reduce((sum, { micros }) => sum + micros, 0)
      const header = ["statement", "calls", "µs a job", "log, bytes a job", "log records a job"]
      return tableOf(header, all.filter(({ micros }) => micros > whole / 100).map(line))
    })
  )
