/** Where the time of jobs in batches goes, ours and the references': processor time, and Postgres' own count of statements. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Redacted from "effect/Redacted"
import { readdirSync, readFileSync } from "node:fs"
import { cpuSeconds } from "./proc.ts"
import { floor, type Kept, kept, makeFloor } from "./queue/floor.ts"
import { graphileWorker } from "./queue/graphileWorker.ts"
import { batched } from "./queue/modes.ts"
import { pgBoss } from "./queue/pgBoss.ts"
import { withPostgres } from "./queue/postgres.ts"
import { statements } from "./queue/statements.ts"
import { tableOf } from "./report.ts"

const runs = 3
const jobs = runs * batched.jobs

const asked = <A>(url: Redacted.Redacted, use: (sql: PgClient.PgClient) => Effect.Effect<A, unknown>): Promise<A> =>
  PgClient.make({ url, maxConnections: 1 }).pipe(
    Effect.flatMap(use),
    Effect.provide(Reactivity.layer),
    Effect.scoped,
    Effect.runPromise
  )

const counting = (url: Redacted.Redacted): Promise<unknown> =>
  asked(url, (sql) =>
    Effect.forEach([
      "alter system set shared_preload_libraries = 'pg_stat_statements'",
      "create extension pg_stat_statements"
    ], (statement) => sql.unsafe(statement).unprepared))

const parentOf = (pid: number): number => {
  try {
    return Number(/^.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, "latin1"))?.[1])
  } catch {
    return 0
  }
}

/** Postgres' processes: its first, and what that started. */
const family = (url: Redacted.Redacted): Promise<() => ReadonlyArray<number>> =>
  asked(url, (sql) => sql<{ pid: number }>`select pg_backend_pid() as pid`).then(([row]) => {
    const first = parentOf(row?.pid ?? 0)
    return () => [first, ...readdirSync("/proc").map(Number).filter((pid) => pid > 0 && parentOf(pid) === first)]
  })

/** So often, after whoever asks has warmed up; microseconds of a job. */
const taken = async (postgres: () => ReadonlyArray<number>, run: () => Promise<unknown>) => {
  const before = { node: process.cpuUsage(), postgres: cpuSeconds(postgres()), at: performance.now() }
  for (let done = 0; done < runs; done++) await run()
  const { system, user } = process.cpuUsage(before.node)
  return {
    wall: (((performance.now() - before.at) * 1000) / jobs).toFixed(0),
    node: ((user + system) / jobs).toFixed(0),
    postgres: (((cpuSeconds(postgres()) - before.postgres) * 1e6) / jobs).toFixed(0)
  }
}

const profiled = async (title: string, url: Redacted.Redacted, postgres: () => ReadonlyArray<number>, run: () => Promise<unknown>) => {
  await run()
  await asked(url, (sql) => sql`select pg_stat_statements_reset()`)
  const { node, postgres: theirs, wall } = await taken(postgres, run)
  const told = `A job takes ${wall} µs, ${node} µs of a processor in Node and ${theirs} µs in Postgres.`
  return `## queue batched, ${title}\n\n${told}\n\n${await asked(url, (sql) => statements(sql, jobs))}\n`
}

/** Plans are made while the table is empty. */
const throughIndexes = ["seqscan", "hashjoin", "mergejoin", "bitmapscan"].map((way) => `-c enable_${way}=off`).join(" ")

const floorOf = (url: Redacted.Redacted, postgres: () => ReadonlyArray<number>, table: Kept) =>
  PgClient.make({ url, maxConnections: batched.workers, startupOptions: throughIndexes }).pipe(
    Effect.flatMap((sql) =>
      Effect.gen(function*() {
        yield* makeFloor(sql, table)
        const run = () => Effect.runPromise(floor(sql))
        yield* Effect.promise(run)
        return yield* Effect.promise(() => taken(postgres, run))
      })
    ),
    Effect.provide(Reactivity.layer),
    Effect.scoped,
    Effect.runPromise
  )

const floors = async (url: Redacted.Redacted, postgres: () => ReadonlyArray<number>): Promise<string> => {
  const rows: Array<ReadonlyArray<string>> = []
  for (const table of kept) {
    const { node, postgres: theirs, wall } = await floorOf(url, postgres, table)
    rows.push([table.what, wall, node, theirs])
  }
  const told = "Three plain statements a group, in hundreds, and the job stays. Microseconds of a job."
  return `## queue batched, what keeping a job takes at least\n\n${told}\n\n${
    tableOf(["a job that stays,", "wall", "Node", "Postgres"], rows)
  }\n`
}

export const queueProfile = (): Promise<string> =>
  withPostgres(async (ours, url) => {
    const postgres = await family(url)
    const parts = [
      await profiled("RGrid, 400 taken ahead", url, postgres, ours.ahead),
      await profiled("RGrid, in hundreds", url, postgres, ours.hundreds),
      await profiled("RGrid behind a gate of 400, in hundreds", url, postgres, ours.gated)
    ]
    const graphile = await graphileWorker(Redacted.value(url))
    parts.push(await profiled("graphile-worker, 400 taken ahead", url, postgres, graphile.batched))
    await graphile.close()
    const boss = await pgBoss(Redacted.value(url))
    parts.push(await profiled("pg-boss, in hundreds", url, postgres, boss.batched))
    await boss.close()
    parts.push(await floors(url, postgres))
    return parts.join("\n")
  }, async (url) => void await counting(url))
