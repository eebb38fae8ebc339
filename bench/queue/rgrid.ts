/** Ours: durable state, fences, events, row level security, turns between accounts. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type AccountId, batchId, type ExecutionId, executionId, executionIds, incarnation, runnerId } from "rgrid/domain/Id"
import { emptyManifest } from "rgrid/domain/Execution"
import { jobSpec, Sha256 } from "rgrid/domain/JobSpec"
import { BatchStore, type NumberedItem } from "rgrid/ports/BatchStore"
import { type Claim, type Claimant, ExecutionStore, type Settlement } from "rgrid/ports/ExecutionStore"
import { Identity } from "rgrid/ports/Identity"
import { format, generate } from "rgrid/domain/ApiKey"
import { batched, many, single } from "./modes.ts"

const settlement: Settlement = {
  ending: { state: "completed", failure: null },
  exitCode: 0,
  usage: null,
  manifest: emptyManifest,
  log: { stdoutBytes: 0, stderrBytes: 0, length: 0, sha256: Sha256.make("0".repeat(64)) }
}

const spec = jobSpec({ runtime: "python:3.11", script: "a.py", interpreter: ["python3"], cwd: "/work" })

const newClaimant = (): Claimant => ({
  runner: runnerId(Date.now()),
  incarnation: incarnation(Date.now()),
  sandbox: "none",
  price: { hourlyMicros: 0, slots: 1 }
})

const item = (execution: ExecutionId, number: number): NumberedItem => ({
  execution,
  label: `item-${number}`,
  name: `item-${number}`,
  args: [String(number)],
  files: [],
  directories: []
})

/** As the dispatcher feeds a runner: asked for as many as it has free slots, again whenever one is free. */
const runner = Effect.fnUntraced(function*(slots: number, jobs: number) {
  const store = yield* ExecutionStore
  const claimant = newClaimant()
  const context = yield* Effect.context<never>()
  let [free, left, wake] = [slots, jobs, () => {}]
  const finish = (claim: Claim) =>
    Effect.runPromiseWith(context)(store.settle(claim, settlement)).then(() => {
      free++
      left--
      wake()
    })
  while (left > 0) {
    const claims = free === 0 ? [] : yield* store.claim(claimant, free)
    free -= claims.length
    const some = Effect.promise(() => new Promise<void>((resolve) => (wake = resolve)))
    for (const claim of claims) void finish(claim)
    if (left > 0) yield* some
  }
})

const worker = Effect.gen(function*() {
  const store = yield* ExecutionStore
  const claimant = newClaimant()
  while (true) {
    const claims = yield* store.claim(claimant, batched.atOnce)
    if (claims.length === 0) return
    yield* Effect.forEach(claims, (claim) => store.settle(claim, settlement), { concurrency: "unbounded", discard: true })
  }
})

const oneByOne = (account: AccountId) =>
  Effect.gen(function*() {
    const store = yield* ExecutionStore
    const { clients, jobs, slots } = single
    yield* Effect.forEach(many(jobs), () => store.accept({ id: executionId(Date.now()), account, spec }), {
      concurrency: clients,
      discard: true
    })
    yield* runner(slots, jobs)
  })

/** How a batch's members are taken: so many workers, each finishing what it has before it asks for more. */
const hundreds = Effect.forEach(many(batched.workers), () => worker, { concurrency: "unbounded", discard: true })

/** Or as many as graphile-worker's local queue takes, and more as soon as one is finished. */
const ahead = runner(batched.ahead, batched.jobs)

const together = (account: AccountId, taken: typeof hundreds, parallel: number) =>
  Effect.gen(function*() {
    const batches = yield* BatchStore
    const options = { failOn: "all", resume: false, parallel } as const
    const submission = { id: batchId(Date.now()), account, job: spec, options }
    // As the server numbers them.
    const next = executionIds(Date.now())
    yield* batches.accept(submission, Stream.fromIterable(many(batched.jobs).map((number) => item(next(), number))), 0)
    yield* taken
  })

/** What is measured of ours: each runs all its jobs from their acceptance to their end. */
export const rgrid = Effect.gen(function*() {
  const { account } = yield* Identity.use((identity) => identity.bootstrap(format(generate())))
  const context = yield* Effect.context<ExecutionStore | BatchStore>()
  const run = Effect.runPromiseWith(context)
  return {
    single: () => run(oneByOne(account)),
    hundreds: () => run(together(account, hundreds, batched.jobs)),
    ahead: () => run(together(account, ahead, batched.jobs)),
    gated: () => run(together(account, hundreds, batched.ahead))
  }
})
