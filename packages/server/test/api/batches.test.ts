/** A batch over the wire: posted as lines, sent, run, read, run again, deleted. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import { AcceptedBatch, CauseGroup, FinishedPage } from "rgrid/api/Batches"
import { Batch } from "rgrid/domain/Batch"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"
import { newClaimant, settlement } from "rgrid/testing/ExecutionStoreContract"
import { ask, contentOf, job, read, server, sha256, codeOf } from "./harness.ts"

const bytes = new TextEncoder().encode("print('hello')\n")
const data = new TextEncoder().encode("1,2\n")

const file = { path: "data.csv", mode: 0o644, content: contentOf(data) }

const item = (number: number, over: object = {}) => ({
  label: `item ${number}`,
  name: `item-${number}`,
  args: [String(number)],
  files: [],
  directories: [],
  ...over
})

const lines = (items: ReadonlyArray<unknown>, over: object = {}) => {
  const options = { parallel: 2, failOn: "all", resume: false }
  const head = { version: 1, job: job(bytes), options, items: items.length, ...over }
  return new TextEncoder().encode([head, ...items].map((line) => `${JSON.stringify(line)}\n`).join(""))
}

const post = (items: ReadonlyArray<unknown>, over: object = {}, headers: Record<string, string> = {}) =>
  ask("POST", "/api/v1/batches", { bytes: lines(items, over), headers })

const send = Effect.fnUntraced(function*({ missing }: AcceptedBatch) {
  for (const { put, sha256: part } of missing) {
    yield* ask("PUT", put.url, { token: "", headers: put.headers, bytes: part === sha256(bytes) ? bytes : data })
  }
})

/** Runs what is queued, so that items of these numbers fail. */
const runAll = Effect.fnUntraced(function*(failing: ReadonlyArray<string>) {
  const store = yield* ExecutionStore
  while (true) {
    const claims = yield* store.claim(newClaimant(), 10)
    if (claims.length === 0) return
    for (const claim of claims) {
      const fails = failing.includes(claim.spec.args[0] ?? "")
      const failure = { _tag: "ScriptExited", code: 3 } as const
      yield* store.settle(claim, settlement(fails ? { ending: { state: "failed", failure }, exitCode: 3 } : {}))
    }
  }
})

const Members = Schema.Struct({ executions: Schema.Array(Schema.Struct({ args: Schema.Array(Schema.String) })) })

describe("a batch over HTTP", () => {
  it.live("is posted as lines, runs when its files are there, and tells its ends", () =>
    Effect.gen(function*() {
      const accepted = yield* read(AcceptedBatch, yield* post([item(1), item(2, { files: [file] }), item(3)]))
      assert.deepStrictEqual(accepted.missing.map((part) => part.sha256), [sha256(bytes), sha256(data)])
      const path = `/api/v1/batches/${accepted.batch.id}`
      yield* send(accepted)
      const whole = yield* read(AcceptedBatch, yield* ask("POST", `${path}/uploaded`))
      assert.deepStrictEqual(whole.missing, [])
      assert.deepInclude(whole.batch.counts, { queued: 2, held: 1 })
      const waited = yield* Effect.forkChild(ask("GET", `${path}/finished?after=2&wait=20`))
      yield* runAll(["2"])
      const page = yield* read(FinishedPage, yield* ask("GET", `${path}/finished`))
      assert.deepStrictEqual(page.executions.map(({ args }) => args[0]), ["1", "2", "3"])
      assert.deepInclude(page, { next: 3, ended: true })
      const late = yield* read(FinishedPage, yield* Fiber.join(waited))
      assert.strictEqual(late.next, 3)
      const { causes } = yield* read(Schema.Struct({ causes: Schema.Array(CauseGroup) }), yield* ask("GET", `${path}/causes`))
      assert.deepStrictEqual(causes.map(({ count, number, sample }) => [number, count, sample.args[0]]), [[1, 1, "2"]])
      const json = { fingerprint: causes[0]!.fingerprint, over: { env: { B: "1" } } }
      const again = yield* read(Batch, yield* ask("POST", `${path}/retry`, { json }))
      assert.deepInclude(again, { total: 1, retryOf: accepted.batch.id })
      const members = yield* read(Members, yield* ask("GET", `/api/v1/batches/${again.id}/executions?status=queued`))
      assert.deepStrictEqual(members.executions.map(({ args }) => args), [["2"]])
      assert.strictEqual(yield* codeOf(yield* ask("DELETE", `/api/v1/batches/${again.id}`)), "Unended")
      yield* ask("POST", `/api/v1/batches/${again.id}/cancel`)
      assert.strictEqual((yield* ask("DELETE", `/api/v1/batches/${again.id.slice(0, -2)}`)).status, 200)
      assert.strictEqual((yield* ask("GET", `/api/v1/batches/${again.id}`)).status, 404)
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("is refused whole when a line is wrong, and says which", () =>
    Effect.gen(function*() {
      const wrong: ReadonlyArray<readonly [ReadonlyArray<unknown>, object, RegExp]> = [
        [[item(1), item(1)], {}, /line 3: the name item-1/],
        [[item(1), { label: "x" }], {}, /line 3/],
        [[item(1)], { items: 2 }, /2 items, and 1 came/],
        [[item(1), item(2)], { items: 1 }, /1 items, and more/],
        [[item(1, { name: "../x" })], {}, /line 2/],
        [[item(1)], { version: 9 }, /line 1/]
      ]
      for (const [items, over, said] of wrong) {
        const answer = yield* post(items, over)
        assert.strictEqual(answer.status, 422)
        assert.match(new TextDecoder().decode(answer.bytes), said)
      }
      const { batches } = yield* read(Schema.Struct({ batches: Schema.Array(Batch) }), yield* ask("GET", "/api/v1/batches"))
      assert.deepStrictEqual(batches, [])
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("is one batch for one key", () =>
    Effect.gen(function*() {
      const keyed = { "idempotency-key": "k" }
      const one = yield* read(AcceptedBatch, yield* post([item(1)], {}, keyed))
      const two = yield* read(AcceptedBatch, yield* post([item(1)], {}, keyed))
      assert.strictEqual(one.batch.id, two.batch.id)
      assert.strictEqual((yield* post([item(2)], {}, keyed)).status, 409)
    }).pipe(Effect.scoped, Effect.provide(server)))
})
