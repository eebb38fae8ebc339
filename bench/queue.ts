import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as PgClient from "@effect/sql-pg/PgClient"
import { randomBytes } from "node:crypto"
import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { executionId, incarnation, runnerId } from "rgrid/domain/Id"
import { emptyManifest } from "rgrid/domain/Execution"
import { jobSpec, Sha256 } from "rgrid/domain/JobSpec"
import { ExecutionStore, type Settlement } from "rgrid/ports/ExecutionStore"
import { Identity } from "rgrid/ports/Identity"
import { format, generate } from "rgrid/domain/ApiKey"
import * as EmbeddedPostgres from "../packages/server/src/adapters/postgres/EmbeddedPostgres.ts"
import { PostgresServer } from "../packages/server/src/adapters/postgres/PostgresServer.ts"
import * as PostgresStores from "../packages/server/src/adapters/postgres/PostgresStores.ts"
import { inTurn, type Row, timed } from "./measure.ts"

const jobs = 500
const parallel = 8

const settlement: Settlement = {
  ending: { state: "completed", failure: null },
  exitCode: 0,
  usage: null,
  manifest: emptyManifest,
  log: { stdoutBytes: 0, stderrBytes: 0, length: 0, sha256: Sha256.make("0".repeat(64)) }
}

const many = (count: number) => Array.from({ length: count }, (_, index) => index)

/** Accept, claim and settle, each job by itself: durable state, fences, events, row level security. */
const ours = Effect.gen(function*() {
  const store = yield* ExecutionStore
  const { account } = yield* Identity.use((identity) => identity.bootstrap(format(generate())))
  const price = { hourlyMicros: 0, slots: 1 }
  const claimant = { runner: runnerId(Date.now()), incarnation: incarnation(Date.now()), sandbox: "none", price }
  const spec = jobSpec({ runtime: "python:3.11", script: "a.py", interpreter: ["python3"], cwd: "/work" })
  return Effect.gen(function*() {
    yield* Effect.forEach(many(jobs), () => store.accept({ id: executionId(Date.now()), account, spec }), {
      concurrency: parallel
    })
    yield* Effect.forEach(many(jobs), () =>
      Effect.gen(function*() {
        const [claim] = yield* store.claim(claimant, 1)
        if (claim !== undefined) yield* store.settle(claim, settlement)
      }), { concurrency: parallel })
  })
})

/** The least a queue in a table can do, over the same driver: insert, claim one, mark it done. */
const reference = Effect.gen(function*() {
  const { ownerUrl } = yield* PostgresServer
  const sql = yield* PgClient.make({ url: ownerUrl, maxConnections: parallel })
  yield* sql`create table bare (id bigserial primary key, state text not null, payload json not null)`
  yield* sql`create index bare_queued on bare (id) where state = 'queued'`
  const insert = sql`insert into bare (state, payload) values ('queued', '{"script":"a.py"}')`
  const take = sql<{ readonly id: bigint }>`
    update bare set state = 'running'
    where id = (select id from bare where state = 'queued' order by id for update skip locked limit 1)
    returning id`
  return Effect.gen(function*() {
    yield* Effect.forEach(many(jobs), () => insert, { concurrency: parallel })
    yield* Effect.forEach(many(jobs), () =>
      Effect.gen(function*() {
        const [row] = yield* take
        if (row !== undefined) yield* sql`update bare set state = 'done' where id = ${row.id}`
      }), { concurrency: parallel })
  })
}).pipe(Effect.provide(Reactivity.layer))

/** Jobs through the queue alone, one by one, against a bare table over the same Postgres. */
export const queue = async (): Promise<ReadonlyArray<Row>> => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "rgrid-bench-"))
  chmodSync(dataDirectory, 0o711)
  const key = () => Redacted.make(new Uint8Array(randomBytes(32)))
  const postgres = EmbeddedPostgres.layer({ dataDirectory })
  const stores = PostgresStores.layer({ encryptionKey: key(), pepper: { version: 1, key: key() } })
  const measure = Effect.gen(function*() {
    const [rgrid, bare] = [yield* ours, yield* reference]
    const run = (effect: Effect.Effect<unknown, unknown>) => () => timed(() => Effect.runPromise(effect))
    return yield* Effect.promise(() => inTurn(run(rgrid), run(bare), 5))
  }).pipe(Effect.scoped, Effect.provide(Layer.provideMerge(stores, postgres)))
  try {
    const { ours: mine, reference: theirs, runs } = await Effect.runPromise(measure)
    const rate = (millis: number) => jobs / (millis / 1000)
    const what = "accept, claim, settle one by one against a bare table"
    return [{ name: "queue", what, ours: rate(mine), reference: rate(theirs), unit: "per second", runs }]
  } finally {
    rmSync(dataDirectory, { recursive: true, force: true })
  }
}
