/** Jobs that do nothing through the queue alone, against queues in the same Postgres that do less. */
import type * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { alone, inTurn, type Row, timed } from "./measure.ts"
import { graphileWorker } from "./queue/graphileWorker.ts"
import { batched, type Mode, single } from "./queue/modes.ts"
import { pgBoss } from "./queue/pgBoss.ts"
import { withPostgres } from "./queue/postgres.ts"
import type { rgrid } from "./queue/rgrid.ts"

const runs = 5

type Run = () => Promise<unknown>

const perSecond = ({ jobs }: Mode, millis: number) => jobs / (millis / 1000)

const compared = async (mode: Mode, name: string, what: string, ours: Run, reference: Run): Promise<Row> => {
  const taken = await inTurn(() => timed(ours), () => timed(reference), runs)
  const [rate, theirs] = [perSecond(mode, taken.ours), perSecond(mode, taken.reference)]
  return { name: `queue ${name}`, what, ours: rate, reference: theirs, unit: "per second", runs }
}

/** What no reference has: a gate that lets in so many of a batch at a time. */
const gated = async (ours: Run): Promise<Row> => {
  const taken = await alone(() => timed(ours), runs)
  const what = `${batched.jobs} in a batch of which ${batched.ahead} may be queued or run, in hundreds`
  return { name: "queue gated", what, ours: perSecond(batched, taken.ours), reference: null, unit: "per second", runs, budget: null }
}

/** One reference after the other: Postgres has few connections. */
const rows = async (ours: Effect.Success<typeof rgrid>, url: string): Promise<ReadonlyArray<Row>> => {
  const graphile = await graphileWorker(url)
  const ahead = `10,000 handed in together, ${batched.ahead} taken ahead, ended as they come, against graphile-worker's local queue`
  const first = [
    await compared(single, "single graphile-worker", "one by one against graphile-worker", ours.single, graphile.single),
    await compared(batched, "batched graphile-worker", ahead, ours.ahead, graphile.batched)
  ]
  await graphile.close()
  const boss = await pgBoss(url)
  const hundreds = "10,000 handed in together, a hundred taken and ended by each of two workers, against pg-boss"
  const second = [
    await compared(single, "single pg-boss", "one by one against pg-boss", ours.single, boss.single),
    await compared(batched, "batched pg-boss", hundreds, ours.hundreds, boss.batched),
    await gated(ours.gated)
  ]
  await boss.close()
  return [...first, ...second]
}

/** Accept, claim, settle, with everything that is kept of each. */
export const queue = (): Promise<ReadonlyArray<Row>> => withPostgres((ours, url) => rows(ours, Redacted.value(url)))
