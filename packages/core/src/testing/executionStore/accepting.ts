/** Accepting jobs, and reading them back. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { emptyManifest } from "../../domain/Execution.ts"
import { ExecutionId } from "../../domain/Id.ts"
import type { JobSpec } from "../../domain/JobSpec.ts"
import { ExecutionStore } from "../../ports/ExecutionStore.ts"
import {
  accept,
  drained,
  hash,
  type Methods,
  newAccount,
  newClaimant,
  newId,
  type Options,
  settlement,
  spec,
  tagOf,
  withFile
} from "./fixtures.ts"

export const accepting = <R>(it: Methods<R>, { expire }: Options<R, unknown>) => {
  it.effect("queues at once what misses nothing, and tells its owner everything but values", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const account = newAccount()
      const job = spec({
        args: ["--x", ""],
        env: { B: "1" },
        secrets: { A: "hidden" },
        timeoutSeconds: 5,
        metadata: { k: "v" }
      })
      const accepted = yield* store.accept({ id: newId(), account, spec: job })
      assert.deepStrictEqual(accepted.missing, [])
      const { execution } = accepted
      assert.deepInclude(execution, {
        state: "queued", attempt: 0, args: ["--x", ""], timeoutSeconds: 5, metadata: { k: "v" }, cancelRequested: false,
        startedAt: null, endedAt: null, exitCode: null, failure: null, runner: null, usage: null
      })
      assert.deepStrictEqual(execution.env, ["A", "B"])
      assert.notInclude(JSON.stringify(execution), "hidden")
      assert.deepStrictEqual(yield* store.find(account, execution.id), execution)
      assert.deepStrictEqual(yield* store.manifest(account, execution.id), emptyManifest)
    }))

  it.effect("carries any character, and jobs of many files", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const odd = "\u0000\ud800\u2028'\"\\é☃"
      const [sha256, size] = [hash(), 1]
      yield* store.recordPart(account, { sha256, size })
      const content = { size, sha256, parts: [sha256] }
      const file = (i: number) => ({ path: `some/folder/of/the/project/file-${i}`, mode: 0o644, content })
      const files = Array.from({ length: 50_000 }, (_, i) => file(i))
      const job = spec({ args: [odd], metadata: { [odd]: odd }, env: { A: odd }, files })
      const { execution } = yield* store.accept({ id: newId(), account, spec: job })
      const [claim] = yield* store.claim(newClaimant(), 1)
      assert.deepStrictEqual(claim?.spec, job)
      const outputs = files.map(({ mode, path }) => ({
        path: path + odd,
        type: "file" as const,
        mode,
        modifiedAt: 0,
        content
      }))
      const failure = { _tag: "InterpreterMissing", program: odd, code: "ENOENT", runtime: odd } as const
      const told = settlement({ ending: { state: "failed", failure }, manifest: { ...emptyManifest, outputs } })
      assert.deepStrictEqual((yield* store.settle(claim!, told)).execution.failure, failure)
      assert.deepStrictEqual(yield* store.manifest(account, execution.id), told.manifest)
    }))

  it.effect("waits for parts, says which, and queues when the last is stored", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const account = newAccount()
      const [a, b] = [{ sha256: hash(), size: 3 }, { sha256: hash(), size: 4 }]
      yield* store.recordPart(account, a)
      const job = withFile(a, { stdin: { size: 4, sha256: b.sha256, parts: [b.sha256] } })
      const { execution, missing } = yield* store.accept({ id: newId(), account, spec: job })
      assert.strictEqual(execution.state, "uploading")
      assert.deepStrictEqual(missing, [b])
      assert.deepStrictEqual((yield* store.uploaded(account, execution.id)).missing, [b])
      yield* store.recordPart(account, b)
      yield* store.recordPart(account, b)
      const stored = yield* store.storedParts(account, [a.sha256, b.sha256, hash()])
      assert.deepStrictEqual(stored, new Set([a.sha256, b.sha256]))
      for (const _ of [1, 2]) {
        const again = yield* store.uploaded(account, execution.id)
        assert.deepStrictEqual([again.execution.state, again.missing], ["queued", []])
      }
    }))

  it.effect("tells what an account has stored, and what sharing saves", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const account = newAccount()
      assert.deepStrictEqual(yield* store.stored(account), { parts: 0, bytes: 0, savedBytes: 0 })
      const [shared, alone] = [{ sha256: hash(), size: 1000 }, { sha256: hash(), size: 30 }]
      for (const part of [shared, alone]) yield* store.recordPart(account, part)
      for (const part of [shared, shared, shared, alone]) {
        yield* store.accept({ id: newId(), account, spec: withFile(part) })
      }
      yield* store.recordPart(newAccount(), { sha256: hash(), size: 7 })
      // Announced and never sent.
      yield* store.accept({ id: newId(), account, spec: withFile({ sha256: hash(), size: 9 }) })
      assert.deepStrictEqual(yield* store.stored(account), { parts: 2, bytes: 1030, savedBytes: 2000 })
    }))

  it.effect("answers the same key and job with the first execution", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const account = newAccount()
      const part = { sha256: hash(), size: 3 }
      const submit = (job: JobSpec, owner = account) =>
        store.accept({ id: newId(), account: owner, spec: job, idempotencyKey: "once" })
      const job = withFile(part, { env: { A: "1", B: "2" } })
      const first = yield* submit(job)
      const again = yield* submit({ ...job, env: { B: "2", A: "1" } })
      assert.deepStrictEqual(again, first)
      assert.strictEqual(yield* tagOf(submit({ ...job, env: { A: "other", B: "2" } })), "IdempotencyConflict")
      assert.strictEqual(yield* tagOf(submit({ ...job, secrets: { S: "x" } })), "IdempotencyConflict")
      const foreign = yield* submit(job, newAccount())
      assert.notStrictEqual(foreign.execution.id, first.execution.id)
      yield* store.recordPart(account, part)
      const later = yield* submit(job)
      assert.deepInclude(later.execution, { id: first.execution.id, state: "queued" })
      assert.deepStrictEqual(later.missing, [])
    }))

  it.effect("takes a file that was only touched for the same", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const account = newAccount()
      const job = withFile({ sha256: hash(), size: 3 })
      const ids = yield* Effect.forEach([undefined, 1_700_000_000_000.25, 5], (modifiedAt) => {
        const files = job.files.map((file) => modifiedAt === undefined ? file : { ...file, modifiedAt })
        return Effect.map(
          store.accept({ id: newId(), account, spec: { ...job, files }, idempotencyKey: "touched" }),
          ({ execution }) => execution.id
        )
      })
      assert.strictEqual(new Set(ids).size, 1)
    }))

  it.effect("makes one execution of many calls with one key at the same moment", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const account = newAccount()
      const submit = Effect.suspend(() => store.accept({ id: newId(), account, spec: spec(), idempotencyKey: "k" }))
      const all = yield* Effect.all(Array.from({ length: 20 }, () => submit), { concurrency: "unbounded" })
      assert.strictEqual(new Set(all.map(({ execution }) => execution.id)).size, 1)
      assert.strictEqual((yield* store.list(account, { limit: 10 })).length, 1)
    }))

  it.effect("knows no part of another account", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const part = { sha256: hash(), size: 3 }
      yield* store.recordPart(newAccount(), part)
      const account = newAccount()
      assert.strictEqual((yield* store.storedParts(account, [part.sha256])).size, 0)
      const { missing } = yield* store.accept({ id: newId(), account, spec: withFile(part) })
      assert.deepStrictEqual(missing, [part])
    }))
}

export const reading = <R>(it: Methods<R>) => {
  it.effect("lists newest first, by page, state and script", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const account = newAccount()
      const made = []
      for (const script of ["a.py", "b.py", "a.py"]) made.unshift((yield* accept(account, { script })).id)
      const ids = (filter: Partial<Parameters<typeof store.list>[1]>) =>
        Effect.map(store.list(account, { limit: 10, ...filter }), (found) => found.map(({ id }) => id))
      assert.deepStrictEqual(yield* ids({}), made)
      assert.deepStrictEqual(yield* ids({ limit: 2 }), made.slice(0, 2))
      assert.deepStrictEqual(yield* ids({ before: made[1]! }), made.slice(2))
      assert.deepStrictEqual(yield* ids({ script: "b.py" }), [made[1]])
      yield* store.cancel(account, made[1]!)
      assert.deepStrictEqual(yield* ids({ states: ["canceled", "failed"] }), [made[1]])
      assert.deepStrictEqual(yield* ids({ states: [] }), [])
    }))

  it.effect("lists what has all of some metadata, whatever it is made of", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const account = newAccount()
      const odd = { "a=b": "\0\ud800 ü\"", long: "x".repeat(10_000) }
      const both = yield* accept(account, { metadata: { team: "blue", size: "1" } })
      const one = yield* accept(account, { metadata: { team: "blue", size: "2", ...odd } })
      yield* accept(newAccount(), { metadata: { team: "blue" } })
      const ids = (metadata: Readonly<Record<string, string>>, limit = 10) =>
        Effect.map(store.list(account, { limit, metadata: Object.entries(metadata) }), (found) => found.map(({ id }) => id))
      assert.deepStrictEqual(yield* ids({ team: "blue" }), [one.id, both.id])
      assert.deepStrictEqual(yield* ids({ team: "blue" }, 1), [one.id])
      assert.deepStrictEqual(yield* ids({ team: "blue", size: "1" }), [both.id])
      assert.deepStrictEqual(yield* ids({ team: "red" }), [])
      assert.deepStrictEqual(yield* ids(odd), [one.id])
      yield* store.cancel(account, one.id)
      yield* store.remove(account, one.id, () => Effect.void)
      assert.deepStrictEqual(yield* ids(odd), [])
    }))

  it.effect("finds ids by their beginning, newest first, of one account", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const [account, other] = [newAccount(), newAccount()]
      const beginning = (head: string) => ExecutionId.make(head + newId().slice(head.length))
      const made = [beginning("exec_7abc0"), beginning("exec_7abcz"), beginning("exec_7abd0")] as const
      for (const id of made) yield* store.accept({ id, account, spec: spec() })
      yield* accept(other)
      assert.deepStrictEqual(yield* store.matching(account, "exec_7abc", 10), [made[1], made[0]])
      assert.deepStrictEqual(yield* store.matching(account, "exec_7abc", 1), [made[1]])
      assert.deepStrictEqual(yield* store.matching(account, made[2], 10), [made[2]])
      assert.deepStrictEqual(yield* store.matching(account, "exec_", 10), [made[2], made[1], made[0]])
      assert.deepStrictEqual(yield* store.matching(account, "exec_7abce", 10), [])
      assert.deepStrictEqual(yield* store.matching(other, "exec_7", 10), [])
    }))

  it.effect("answers another account's execution like one that never was", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const { id } = yield* accept(newAccount())
      const other = newAccount()
      for (const asked of [id, newId()]) {
        const tags = yield* Effect.all([
          tagOf(store.find(other, asked)),
          tagOf(store.manifest(other, asked)),
          tagOf(store.cancel(other, asked)),
          tagOf(store.uploaded(other, asked))
        ])
        assert.deepStrictEqual(tags, Array.from(tags, () => "UnknownExecution"))
      }
      assert.deepStrictEqual(yield* store.list(other, { limit: 10 }), [])
    }))
}
