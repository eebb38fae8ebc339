/**
 * A batch that is only played, for whoever wants to see the live view and for the tests that look at it in a terminal:
 * node --conditions=rgrid-src batchDemo.ts still|play|line|crash [say]
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { ExecutionUnknown } from "rgrid/client/errors"
import type { Batch } from "rgrid/domain/Batch"
import { type BatchActions, type BatchView, batchView } from "../src/commands/batchView.ts"
import { say } from "../src/output/stdio.ts"
import { batch, member } from "./batches.ts"

const [, , scenario = "play"] = process.argv

const bytes = (text: string) => new TextEncoder().encode(text)
const label = (number: number) => `data_${String(number).padStart(3, "0")}.csv`
const price = { hourlyMicros: 3_000_000, slots: 1 }
const cost = (micros: number) => ({ micros, phase: "estimated" as const, price })

const done = (number: number, endedAt: number) =>
  member(number, label(number), "completed", { createdAt: endedAt - 12_000, seconds: 12, cost: cost(10_000) })
const failed = (number: number, endedAt: number) =>
  member(number, label(number), "timed_out", { createdAt: endedAt - 12_000, seconds: 12, failure: { _tag: "TimedOut", seconds: 300 } })

const stillBatch: Batch = batch({
  counts: { completed: 45, failed: 2, timed_out: 1, running: 10, queued: 42 },
  cost: { micros: 850_000, isPriced: true }
})
const at = 150_000
/** Before all is there that the screens on record show. */
let isEarly = true
const running = Array.from({ length: 10 }, (_, i) =>
  member(46 + i, label(46 + i), "running", { startedAt: at - 11_000 + i * 1000, cost: cost(0) }))

let retries = 0
const asked = Deferred.makeUnsafe<void>()
const more = Stream.tick("200 millis").pipe(Stream.mapAccum(() => 1, (count) => [count + 1, [bytes(`more: ${count}\n`)]]))

/** Nothing moves but by keys; the clock stands still. */
const still = (change: (batch: Batch) => Effect.Effect<void>): BatchActions => ({
  active: Effect.as(Deferred.succeed(asked, undefined), running),
  memberAt: (position) => Effect.succeed(position === 7 ? done(7, 20_000) : null),
  logsOf: (id) =>
    id === running[1]!.id
      ? Stream.concat(Stream.fromIterable([bytes("reading\n"), bytes("10 %\r20 %\r\n")]), more)
      : Stream.succeed(bytes(`log of ${id === running[0]!.id ? "the first" : "another"}\n\u001b[31mred\u001b[0m\n`)),
  retryFailed: Effect.sync(() => `batch_retried_${++retries}`),
  cancelAll: Effect.suspend(() => change({ ...stillBatch, halted: "canceled" }))
})

const feed = Effect.fnUntraced(function*(view: BatchView) {
  for (let i = 1; i <= 45; i++) yield* view.ended(i === 44 ? failed(i, 3000 * i) : done(i, 3000 * i), i === 44 ? null : `outputs/data_${i}/`)
})

const stay = Effect.fnUntraced(function*(whole: boolean) {
  let change: BatchView["changed"] = () => Effect.void
  const view = yield* batchView({ batch: batch({ counts: { queued: 100 } }), actions: still((batch) => change(batch)), whole })
  change = view.changed
  yield* feed(view)
  yield* Deferred.await(asked)
  isEarly = false
  yield* view.changed(stillBatch)
  if (process.argv.includes("say")) yield* view.say("✗ something that stays")
  if (scenario === "crash") setTimeout(() => { throw new Error("a crash") }, 2000)
  yield* view.detached
  yield* say("left")
})

/** A hundred items in ten places, a second or two each. */
const play = Effect.fnUntraced(function*() {
  const counts = { completed: 0, failed: 0, running: 0, queued: 100 }
  const active = new Map<number, ReturnType<typeof member>>()
  const now = () => batch({ counts: { ...counts }, createdAt: stillBatch.createdAt, cost: { micros: counts.completed * 10_000, isPriced: true } })
  const view = yield* batchView({
    batch: now(),
    actions: {
      active: Effect.sync(() => [...active.values()]),
      current: Effect.sync(now),
      logsOf: (id) => Stream.tick("300 millis").pipe(Stream.map(() => bytes(`${id} works\n`))),
      retryFailed: new ExecutionUnknown({ id: "batch_demo", nearest: null }),
      cancelAll: Effect.void
    }
  })
  const item = Effect.fnUntraced(function*(number: number) {
    const startedAt = yield* Clock.currentTimeMillis
    counts.running++
    counts.queued--
    active.set(number, member(number, label(number), "running", { startedAt, cost: cost(0) }))
    yield* Effect.sleep(500 + (number * 7919) % 2500)
    const seconds = ((yield* Clock.currentTimeMillis) - startedAt) / 1000
    const state = number % 17 === 0 ? "failed" : "completed"
    counts.running--
    counts[state]++
    active.delete(number)
    const failure = state === "failed" ? { _tag: "ScriptExited" as const, code: 1, tail: "KeyError: 'price'" } : null
    yield* view.ended(member(number, label(number), state, { createdAt: startedAt, seconds, cost: cost(10_000), failure }), `outputs/${number}/`)
    yield* view.changed(now())
  })
  const all = Effect.forEach(Array.from({ length: 100 }, (_, i) => i + 1), item, { concurrency: 10, discard: true })
  yield* Effect.raceFirst(all, view.detached)
  yield* view.end
})

const begun = Date.now()

/** Time begins at 0 where it is played, and stands still elsewhere. */
const timed = Effect.updateService(Clock.Clock, (clock): Clock.Clock => {
  const millis = () => scenario === "play" ? Date.now() - begun : isEarly ? at - 5000 : at
  return Object.assign(Object.create(clock), {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis)
  })
})

const shown = scenario === "play" ? play() : stay(scenario !== "line")
NodeRuntime.runMain(timed(Effect.onInterrupt(Effect.scoped(shown), () => say("interrupted"))))
