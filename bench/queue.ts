/** Jobs that do nothing through the queue alone, against queues in the same Postgres that do less. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { randomBytes } from "node:crypto"
import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as EmbeddedPostgres from "../packages/server/src/adapters/postgres/EmbeddedPostgres.ts"
import { PostgresServer } from "../packages/server/src/adapters/postgres/PostgresServer.ts"
import * as PostgresStores from "../packages/server/src/adapters/postgres/PostgresStores.ts"
import { inTurn, type Row, timed } from "./measure.ts"
import { graphileWorker } from "./queue/graphileWorker.ts"
import { batched, type Mode, single } from "./queue/modes.ts"
import { pgBoss } from "./queue/pgBoss.ts"
import { rgrid } from "./queue/rgrid.ts"

type Queue = Readonly<Record<Mode["name"], () => Promise<unknown>>>

const runs = 5

const compared = async (mode: Mode, name: string, what: string, ours: Queue, reference: Queue): Promise<Row> => {
  const run = (queue: Queue) => () => timed(queue[mode.name])
  const taken = await inTurn(run(ours), run(reference), runs)
  const rate = (millis: number) => mode.jobs / (millis / 1000)
  return { name: `queue ${name}`, what, ours: rate(taken.ours), reference: rate(taken.reference), unit: "per second", runs }
}

/** One reference after the other: Postgres has few connections. */
const rows = async (ours: Queue, url: string): Promise<ReadonlyArray<Row>> => {
  const graphile = await graphileWorker(url)
  const first = [
    await compared(single, "single graphile-worker", "one by one against graphile-worker", ours, graphile),
    await compared(batched, "batched graphile-worker", "10,000 in batches against graphile-worker's local queue", ours, graphile)
  ]
  await graphile.close()
  const boss = await pgBoss(url)
  const second = [
    await compared(single, "single pg-boss", "one by one against pg-boss", ours, boss),
    await compared(batched, "batched pg-boss", "10,000 in batches against pg-boss in hundreds", ours, boss)
  ]
  await boss.close()
  return [...first, ...second]
}

/** Accept, claim, settle, with everything that is kept of each. */
export const queue = async (): Promise<ReadonlyArray<Row>> => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "rgrid-bench-"))
  chmodSync(dataDirectory, 0o711)
  const key = () => Redacted.make(new Uint8Array(randomBytes(32)))
  const postgres = EmbeddedPostgres.layer({ dataDirectory })
  const stores = PostgresStores.layer({ encryptionKey: key(), pepper: { version: 1, key: key() } })
  const measure = Effect.gen(function*() {
    const { ownerUrl } = yield* PostgresServer
    const ours = yield* rgrid
    return yield* Effect.promise(() => rows(ours, Redacted.value(ownerUrl)))
  }).pipe(Effect.scoped, Effect.provide(Layer.provideMerge(stores, postgres)))
  try {
    return await Effect.runPromise(measure)
  } finally {
    rmSync(dataDirectory, { recursive: true, force: true })
  }
}
