import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { NotFound } from "rgrid/api/Errors"
import { followBatch } from "rgrid/client/batch/followBatch"
import { noCounts } from "rgrid/domain/Batch"
import { type Answer, type Asked, batchJson, fakeGrid, memberJson } from "./grid.ts"

const id = "batch_00000000000000000000000000"

/** Ends in this order, `atOnce` to a page; then the batch has ended. Every `cutEvery`th answer is lost. */
const ending = (order: ReadonlyArray<number>, atOnce: number, cutEvery: number) => {
  let answers = 0
  return ({ url }: Asked): Answer => {
    if (++answers % cutEvery === 0) return null
    const after = Number(url.searchParams.get("after"))
    const page = order.slice(after, after + atOnce)
    const completed = Math.min(order.length, after + atOnce)
    const ended = page.length === 0
    const batch = batchJson({
      total: order.length,
      counts: { ...noCounts, completed, queued: order.length - completed },
      endedAt: ended ? "2026-01-01T00:01:00.000Z" : null
    })
    return { json: { batch, executions: page.map(memberJson), next: after + page.length, ended } }
  }
}

const followed = (answer: (asked: Asked) => Answer) =>
  Effect.gen(function*() {
    const grid = yield* fakeGrid(answer)
    const events = yield* Stream.runCollect(followBatch(id)).pipe(Effect.provide(grid.client))
    return { grid, events: [...events] }
  })

describe("a followed batch", () => {
  it.live("tells each end once and in order, however often the connection is cut", () =>
    Effect.gen(function*() {
      const order = [3, 1, 2, 7, 5, 6, 4]
      const { events } = yield* followed(ending(order, 2, 2))
      const ends = events.flatMap((event) => event._tag === "MemberEnded" ? [event.execution.batch?.position] : [])
      assert.deepStrictEqual(ends, order)
      assert.isTrue(events.some(({ _tag }) => _tag === "Reconnecting"))
      const last = events.at(-1)
      assert.strictEqual(last?._tag === "Ended" ? last.batch.counts.completed : -1, 7)
    }), 20_000)

  it.live("tells the counts before the ends that belong to them, not with each of them", () =>
    Effect.gen(function*() {
      const { events } = yield* followed(ending([1, 2, 3, 4, 5, 6], 2, Infinity))
      assert.strictEqual(events[0]?._tag, "BatchChanged")
      assert.isBelow(events.filter(({ _tag }) => _tag === "BatchChanged").length, 4)
    }))

  it.live("ends at once with one that is not there", () =>
    Effect.gen(function*() {
      const json = yield* Schema.encodeEffect(NotFound)(new NotFound({ what: "batch", id }))
      const grid = yield* fakeGrid(() => ({ status: 404, json }))
      const error = yield* Stream.runDrain(followBatch(id)).pipe(Effect.provide(grid.client), Effect.flip)
      assert.strictEqual(error._tag, "BatchUnknown")
      assert.lengthOf(grid.asked, 1)
    }))
})
