/** Who stays with a batch, and what goes on when somebody leaves. What its items make of it is no matter here. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { BatchResult } from "rgrid"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll } from "vitest"
import type { Batch } from "../../src/domain/Batch.ts"
import { BatchRun, type Source } from "../../src/sdk/BatchRun.ts"

const batch = { id: "batch_x" } as Batch
const result = (index: number) => ({ item: String(index), outputs: [], unfetched: null }) as unknown as BatchResult

/** Refuses all it is asked. */
let asked = 0
const server = createServer((_request, response) => {
  asked++
  response.writeHead(400).end()
})
let here: { readonly url: string; readonly apiKey: string }
beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  here = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, apiKey: "none" }
})
afterAll(() => void server.close())

const known: Source = (started) => Effect.succeed(Effect.sync(() => started({ batch, place: null })))
const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => "resolved", (error: unknown) => error)

/** Everything that can go on by now has gone on. */
const quiet = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next))
}

/** Results without end, and how many followings began and were left. */
const endless = () => {
  const full = Promise.withResolvers<void>()
  const seen = { began: 0, left: 0 }
  const results = () => {
    seen.began++
    return Stream.range(0, 4999).pipe(
      Stream.tap((index) => Effect.sync(() => index === 1000 && full.resolve())),
      Stream.map(result),
      Stream.concat(Stream.never),
      Stream.ensuring(Effect.sync(() => void seen.left++))
    )
  }
  return { full: full.promise, seen, results }
}

describe("a loop over a batch", () => {
  it("is left while more results wait than there is room for", async () => {
    const { full, results, seen } = endless()
    const iterator = new BatchRun(known, here, results)[Symbol.asyncIterator]()
    assert.strictEqual((await iterator.next()).value?.item, "0")
    await full
    await quiet()
    assert.deepStrictEqual(await iterator.return(), { done: true, value: undefined })
    assert.deepStrictEqual(seen, { began: 1, left: 1 })
    assert.isTrue((await iterator.next()).done)
  })

  it("is told at once that the batch's signal was aborted, however many results wait", async () => {
    const { full, results, seen } = endless()
    const controller = new AbortController()
    const iterator = new BatchRun(known, { ...here, signal: controller.signal }, results)[Symbol.asyncIterator]()
    await iterator.next()
    await full
    await quiet()
    const reason = new Error("enough")
    controller.abort(reason)
    await quiet()
    assert.strictEqual(await outcome(iterator.next()), reason)
    assert.deepStrictEqual(seen, { began: 1, left: 1 })
  })
})

describe("an aborted wait", () => {
  /** Sends until it is cut off. */
  const sending = () => {
    const seen = { began: 0, cut: 0 }
    const accepted = Promise.withResolvers<void>()
    const source: Source = (started) =>
      Effect.suspend(() => {
        seen.began++
        return Effect.promise(() => accepted.promise).pipe(
          Effect.andThen(Effect.sync(() => started({ batch, place: null }))),
          Effect.andThen(Effect.never),
          Effect.onInterrupt(() => Effect.sync(() => void seen.cut++))
        )
      })
    return { accept: accepted.resolve, seen, source }
  }

  it("leaves nothing that is sent or followed", async () => {
    const sent = sending()
    sent.accept()
    const followed = endless()
    const run = new BatchRun(sent.source, here, followed.results)
    const controller = new AbortController()
    const waiting = outcome(run.wait({ signal: controller.signal }))
    await followed.full
    const reason = new Error("enough")
    controller.abort(reason)
    assert.strictEqual(await waiting, reason)
    await quiet()
    assert.deepStrictEqual([sent.seen, followed.seen], [{ began: 1, cut: 1 }, { began: 1, left: 1 }])
  })

  it("leaves the loop beside it, and what the loop leaves is left", async () => {
    const followed = endless()
    const run = new BatchRun(known, here, followed.results)
    const iterator = run[Symbol.asyncIterator]()
    await iterator.next()
    assert.instanceOf(await outcome(run.wait({ signal: AbortSignal.abort(new Error("enough")) })), Error)
    assert.strictEqual((await iterator.next()).value?.item, "1")
    await iterator.return()
    await quiet()
    assert.deepStrictEqual(followed.seen, { began: 1, left: 1 })
  })

  it("cuts nothing off under who looks how far it is, and is followed by nobody after", async () => {
    const sent = sending()
    const followed = endless()
    const run = new BatchRun(sent.source, here, followed.results)
    const controller = new AbortController()
    const waiting = outcome(run.wait({ signal: controller.signal }))
    const looking = outcome(run.progress())
    const reason = new Error("enough")
    controller.abort(reason)
    assert.strictEqual(await waiting, reason)
    await quiet()
    assert.deepStrictEqual(sent.seen, { began: 1, cut: 0 })
    sent.accept()
    assert.propertyVal(await looking, "code", "GridRefused")
    await quiet()
    assert.deepStrictEqual(sent.seen, { began: 1, cut: 1 })
    assert.strictEqual(followed.seen.began, followed.seen.left)
  })
})

it("asks anew for a summary that it was refused", async () => {
  const run = new BatchRun(known, here, () => Stream.make(result(0)))
  assert.propertyVal(await outcome(run.wait()), "code", "GridRefused")
  const before = asked
  assert.propertyVal(await outcome(run.wait()), "code", "GridRefused")
  assert.isAbove(asked, before)
})
