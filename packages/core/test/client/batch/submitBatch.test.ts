import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { PreparedBatch } from "rgrid/client/batch/prepareBatch"
import { submitBatch } from "rgrid/client/batch/submitBatch"
import type { BatchItem } from "rgrid/domain/Batch"
import { jobSpec, Sha256 } from "rgrid/domain/JobSpec"
import { type Asked, batchJson, fakeGrid } from "./grid.ts"

const sha = (text: string) => Sha256.make(createHash("sha256").update(text).digest("hex"))

const item = (number: number): BatchItem => ({ label: `${number}`, name: `${number}`, args: [`${number}`], files: [], directories: [] })

const prepared = (many: number, sources: PreparedBatch["sources"] = new Map()): PreparedBatch => ({
  head: {
    version: 1,
    job: jobSpec({ runtime: "python:3.11", script: "a.py", interpreter: ["python3"], cwd: "/w" }),
    options: { failOn: "all", resume: false },
    items: many
  },
  items: Array.from({ length: many }, (_, i) => item(i + 1)),
  sources,
  began: 0,
  duplicates: []
})

const accepted = (missing: ReadonlyArray<unknown>, { url }: Pick<Asked, "url">) => ({
  status: url.pathname.endsWith("/uploaded") ? 200 : 201,
  json: { batch: batchJson(), missing }
})

/** Files here, and the parts they are. */
const withFiles = (many: number) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "rgrid-parts-"))),
      (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
    ),
    (directory) => {
      const texts = Array.from({ length: many }, (_, i) => String(i).padStart(6, "0"))
      const sources = new Map(texts.map((text) => {
        const path = join(directory, text)
        writeFileSync(path, text)
        return [sha(text), { path, offset: 0, size: 6 }] as const
      }))
      const missing = texts.map((text) => ({ sha256: sha(text), size: 6, put: { url: `/put/${text}`, headers: {} } }))
      return { missing, sources }
    }
  )

describe("a posted batch", () => {
  it.live("is a line for the job and one for each item, under one key through a lost answer", () =>
    Effect.gen(function*() {
      let posts = 0
      const grid = yield* fakeGrid((asked) => ++posts === 1 ? null : accepted([], asked))
      const { batch, sending } = yield* submitBatch(prepared(1000)).pipe(Effect.provide(grid.client))
      yield* sending.pipe(Effect.provide(grid.client))
      assert.strictEqual(batch.total, 3)
      const [first, second] = grid.asked
      assert.lengthOf(grid.asked, 2)
      assert.strictEqual(first!.headers["idempotency-key"], second!.headers["idempotency-key"])
      assert.strictEqual(second!.headers["transfer-encoding"], "chunked")
      const [head, ...lines] = second!.body.trimEnd().split("\n").map((line) => JSON.parse(line))
      assert.strictEqual(head.items, 1000)
      assert.deepStrictEqual(lines.map(({ args: [arg] }) => Number(arg)), Array.from({ length: 1000 }, (_, i) => i + 1))
    }))

  it.live("sends what is missing in strides, and tells the grid after each, so that members start", () =>
    Effect.gen(function*() {
      const { missing, sources } = yield* withFiles(600)
      const arrived = new Set<string>()
      const left = () => missing.filter(({ put }) => !arrived.has(put.url))
      const grid = yield* fakeGrid(({ body, method, url }) => {
        if (method !== "PUT") return accepted(left(), { url })
        arrived.add(url.pathname)
        assert.strictEqual(`/put/${body}`, url.pathname)
        return { json: {} }
      })
      const { sending } = yield* submitBatch(prepared(1, sources)).pipe(Effect.provide(grid.client))
      yield* sending.pipe(Effect.provide(grid.client))
      assert.strictEqual(arrived.size, 600)
      const puts = grid.asked.map(({ method }) => method === "PUT")
      assert.strictEqual(puts.filter((put) => put).length, 600)
      const told = grid.asked.flatMap(({ url }, index) => url.pathname.endsWith("/uploaded") ? [index] : [])
      assert.lengthOf(told, 3)
      assert.isBelow(told[0]!, 300)
    }))

  it.live("gives up on a grid that keeps asking for what it was sent", () =>
    Effect.gen(function*() {
      const { missing, sources } = yield* withFiles(1)
      const grid = yield* fakeGrid((asked) => asked.method === "PUT" ? { json: {} } : accepted(missing, asked))
      const { sending } = yield* submitBatch(prepared(1, sources)).pipe(Effect.provide(grid.client))
      const error = yield* sending.pipe(Effect.provide(grid.client), Effect.flip)
      assert.strictEqual(error._tag, "GridRefused")
    }))

  it.live("sends nothing that is not of it", () =>
    Effect.gen(function*() {
      const wanted = { sha256: sha("passwd"), size: 6, put: { url: "/put/x", headers: {} } }
      const grid = yield* fakeGrid((asked) => accepted([wanted], asked))
      const { sending } = yield* submitBatch(prepared(1)).pipe(Effect.provide(grid.client))
      assert.strictEqual((yield* sending.pipe(Effect.provide(grid.client), Effect.flip))._tag, "GridRefused")
      assert.isFalse(grid.asked.some(({ method }) => method === "PUT"))
    }))
})
