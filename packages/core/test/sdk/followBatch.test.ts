import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { results } from "../../src/sdk/effects/followBatch.ts"
import { type Answer, type Asked, batchJson, fakeGrid, memberJson } from "../client/batch/grid.ts"

const written = { log: { stdoutBytes: 1, stderrBytes: 0 } }

/** Three items that have ended: one wrote nothing, one wrote what can be read, one what can't. */
const answer = ({ url }: Asked): Answer => {
  if (url.pathname.endsWith("/logs")) {
    if (!url.pathname.includes(memberJson(2).id)) return { status: 410, json: {} }
    const segment = { stream: "stdout", seq: 0, time: 1, offset: 0, bytes: Buffer.from("ä").toString("base64") }
    return { json: { attempt: 1, next: 34, ended: true, segments: url.searchParams.has("offset") ? [] : [segment] } }
  }
  const executions = [memberJson(1), { ...memberJson(2), ...written }, { ...memberJson(3), ...written }]
  const isFirst = Number(url.searchParams.get("after")) === 0
  const batch = batchJson({ endedAt: "2026-01-01T00:01:00.000Z" })
  return { json: { batch, executions: isFirst ? executions : [], next: 3, ended: !isFirst } }
}

it.live("tells an item whose output can't be read, and goes on with the others", () =>
  Effect.gen(function*() {
    const grid = yield* fakeGrid(answer)
    const all = yield* Stream.runCollect(results("batch_00000000000000000000000000", { landing: null, output: true })).pipe(Effect.provide(grid.client))
    const told = all.map(({ item, stderr, stdout, unfetched }) => [item, stdout, stderr, unfetched?.code ?? null]).toSorted()
    assert.deepStrictEqual(told, [["f1", "", "", null], ["f2", "ä", "", null], ["f3", null, null, "GridRefused"]])
  }).pipe(Effect.scoped))
