/**
 * What every store of executions must do, as tests: an adapter that passes this suite may hold a grid's truth.
 *
 * The suite shares one store among its tests, so each begins by settling what is left queued or placed.
 */
import { assert, describe, layer, type Vitest } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { emptyManifest, type OutputManifest } from "../domain/Execution.ts"
import { type Ending, type Event, isFinal, type Life, transition } from "../domain/ExecutionState.ts"
import { type AccountId, accountId, executionId, incarnation, runnerId } from "../domain/Id.ts"
import { type JobSpec, jobSpec, Sha256 } from "../domain/JobSpec.ts"
import {
  type Attempt,
  type Claimant,
  ExecutionStore,
  type Hint,
  type Part,
  type Settlement
} from "../ports/ExecutionStore.ts"

export interface Options<R, E> {
  readonly layer: Layer.Layer<ExecutionStore | R, E>
  /** Lets the term of every lease and of every upload pass. */
  readonly expire: Effect.Effect<void, never, ExecutionStore | R>
  /** The store reads the test clock. Otherwise tests run on the real one. */
  readonly testClock: boolean
}

export const completed: Ending = { state: "completed", failure: null }

/** A hash that no other test uses. */
const hash = (): Sha256 =>
  Sha256.make(Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, "0")).join(""))

export const settlement = (over: Partial<Settlement> = {}): Settlement => ({
  ending: completed,
  exitCode: 0,
  usage: { cpuMicros: 1500, peakMemoryBytes: null },
  manifest: emptyManifest,
  log: { stdoutBytes: 3, stderrBytes: 4, length: 20, sha256: hash() },
  ...over
})

export const spec = (over: Partial<JobSpec> = {}): JobSpec =>
  jobSpec({ runtime: "python:3.11", script: "a.py", interpreter: ["python3"], cwd: "/home/me", ...over })

export const newAccount = (): AccountId => accountId(Date.now())

export const newClaimant = (over: Partial<Claimant> = {}): Claimant => ({
  runner: runnerId(Date.now()),
  incarnation: incarnation(Date.now()),
  sandbox: "docker",
  ...over
})

/** Ids sort by their time; tests that depend on the order make them far apart. */
let ticks = Date.now()
export const newId = () => executionId(ticks++)

const withFile = (part: Part, over: Partial<JobSpec> = {}): JobSpec =>
  spec({
    files: [{ path: "a.py", mode: 0o644, content: { size: part.size, sha256: part.sha256, parts: [part.sha256] } }],
    ...over
  })

export const accept = Effect.fnUntraced(function*(account: AccountId, over: Partial<JobSpec> = {}) {
  const store = yield* ExecutionStore
  const { execution } = yield* store.accept({ id: newId(), account, spec: spec(over) })
  return execution
})

/** Ends whatever other tests left queued or placed. */
const drained = <R>(expire: Effect.Effect<void, never, R>) =>
  Effect.gen(function*() {
    const store = yield* ExecutionStore
    while (true) {
      const claims = yield* store.claim(newClaimant(), 1000)
      yield* Effect.forEach(claims, (claim) => store.settle(claim, settlement()), { discard: true })
      yield* expire
      if (claims.length === 0 && (yield* store.sweep).length === 0) return store
    }
  })

/** One execution, claimed. */
const placed = Effect.fnUntraced(function*(over: Partial<JobSpec> = {}) {
  const store = yield* ExecutionStore
  const account = newAccount()
  const { id } = yield* accept(account, over)
  const claimant = newClaimant()
  const [claim] = yield* store.claim(claimant, 1)
  assert.strictEqual(claim?.execution, id)
  return { store, account, id, claimant, claim: claim! }
})

const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), ({ _tag }) => _tag)

type Methods<R> = Vitest.MethodsNonLive<ExecutionStore | R>

const accepting = <R>(it: Methods<R>, { expire }: Options<R, unknown>) => {
  it.effect("queues at once what misses nothing, and tells its owner everything but values", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const account = newAccount()
      const job = spec({ args: ["--x", ""], env: { B: "1" }, secrets: { A: "hidden" }, timeoutSeconds: 5, metadata: { k: "v" } })
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
      const files = Array.from({ length: 50_000 }, (_, i) => ({ path: `some/folder/of/the/project/file-${i}`, mode: 0o644, content }))
      const job = spec({ args: [odd], metadata: { [odd]: odd }, env: { A: odd }, files })
      const { execution } = yield* store.accept({ id: newId(), account, spec: job })
      const [claim] = yield* store.claim(newClaimant(), 1)
      assert.deepStrictEqual(claim?.spec, job)
      const outputs = files.map(({ path }) => ({ path: path + odd, type: "file" as const, mode: 0o600, modifiedAt: 0, content }))
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
      assert.deepStrictEqual(yield* store.storedParts(account, [a.sha256, b.sha256, hash()]), new Set([a.sha256, b.sha256]))
      for (const _ of [1, 2]) {
        const again = yield* store.uploaded(account, execution.id)
        assert.deepStrictEqual([again.execution.state, again.missing], ["queued", []])
      }
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
      assert.deepStrictEqual([later.execution.id, later.execution.state, later.missing], [first.execution.id, "queued", []])
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

const reading = <R>(it: Methods<R>) => {
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

const claiming = <R>(it: Methods<R>, { expire }: Options<R, unknown>) => {
  it.effect("hands out the oldest first, whole, once", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const job = spec({ env: { A: "1" }, secrets: { S: "x" }, directories: ["out"], retries: 0 })
      const ids = []
      for (let i = 0; i < 3; i++) ids.push((yield* store.accept({ id: newId(), account, spec: job })).execution.id)
      const claimant = newClaimant({ sandbox: "process" })
      const claims = yield* store.claim(claimant, 2)
      assert.deepStrictEqual(claims, ids.slice(0, 2).map((execution) => ({ execution, account, fence: 1, spec: job })))
      assert.deepStrictEqual((yield* store.claim(newClaimant(), 5)).map(({ execution }) => execution), ids.slice(2))
      assert.deepStrictEqual(yield* store.claim(newClaimant(), 5), [])
      assert.deepInclude(yield* store.find(account, ids[0]!), {
        state: "leased", attempt: 1, runner: claimant.runner, sandbox: "process", startedAt: null
      })
      assert.deepStrictEqual(yield* store.claimed(claims[0]!), claims[0])
      assert.strictEqual(yield* tagOf(store.claimed({ execution: ids[0]!, fence: 2 })), "StaleAttempt")
    }))

  it.effect("gives no attempt to two of many claimants", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      yield* Effect.forEach(Array.from({ length: 60 }), () => accept(account), { concurrency: 4 })
      const greedy = Effect.suspend(() => store.claim(newClaimant(), 4))
      const claims = (yield* Effect.all(Array.from({ length: 30 }, () => greedy), { concurrency: "unbounded" })).flat()
      assert.strictEqual(new Set(claims.map(({ execution }) => execution)).size, claims.length)
      const rest = yield* store.claim(newClaimant(), 100)
      assert.strictEqual(claims.length + rest.length, 60)
    }))

  it.effect("renews what this incarnation holds, and nothing else", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, claim, claimant, id, store } = yield* placed()
      const asked: ReadonlyArray<Attempt> = [
        { execution: id, fence: 1 }, { execution: id, fence: 2 }, { execution: newId(), fence: 1 }
      ]
      const answers = yield* store.renew(claimant.incarnation, asked)
      assert.deepStrictEqual(answers, asked.map((attempt, i) => ({ ...attempt, held: i === 0, cancelRequested: false })))
      assert.isFalse((yield* store.renew(newClaimant().incarnation, [claim]))[0]?.held)
      assert.deepStrictEqual(yield* store.renew(claimant.incarnation, []), [])
      yield* store.cancel(account, id)
      assert.deepInclude((yield* store.renew(claimant.incarnation, [claim]))[0], { held: true, cancelRequested: true })
      yield* expire
      yield* store.renew(claimant.incarnation, [claim])
      assert.deepStrictEqual(yield* store.sweep, [])
    }))
}

const manifest: OutputManifest = {
  outputs: [
    { path: "out", type: "directory", mode: 0o755, modifiedAt: 1 },
    { path: "out/a", type: "file", mode: 0o644, modifiedAt: 2, content: { size: 5, sha256: hash(), parts: [hash()] } },
    { path: "b", type: "file", mode: 0o644, modifiedAt: 3, content: { size: 7_000_000_000, sha256: hash(), parts: [hash()] } }
  ],
  deleted: ["gone"],
  skipped: [{ path: "l", reason: "link" }]
}

const settling = <R>(it: Methods<R>, { expire }: Options<R, unknown>) => {
  it.effect("starts once and settles once, with all that belongs to it", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, claim, id, store } = yield* placed()
      yield* store.started(claim)
      const { startedAt } = yield* store.find(account, id)
      assert.isNotNull(startedAt)
      yield* store.started(claim)
      assert.deepStrictEqual((yield* store.find(account, id)).startedAt, startedAt)
      const told = settlement({ manifest, usage: { cpuMicros: 9, peakMemoryBytes: 10 } })
      const { duplicate, execution } = yield* store.settle(claim, told)
      assert.isFalse(duplicate)
      assert.deepInclude(execution, {
        state: "completed", exitCode: 0, failure: null, outputs: { files: 2, bytes: 7_000_000_005 },
        log: { stdoutBytes: 3, stderrBytes: 4 }, usage: { cpuMicros: 9, peakMemoryBytes: 10 }
      })
      assert.isTrue(execution.endedAt !== null && DateTime.isGreaterThanOrEqualTo(execution.endedAt, execution.createdAt))
      assert.deepStrictEqual(yield* store.manifest(account, id), manifest)
      const other = settlement({ ending: { state: "failed", failure: { _tag: "ScriptExited", code: 1 } }, exitCode: 1 })
      assert.deepStrictEqual(yield* store.settle(claim, other), { execution, duplicate: true })
      assert.strictEqual(yield* tagOf(store.started(claim)), "StaleAttempt")
      assert.strictEqual(yield* tagOf(store.claimed(claim)), "StaleAttempt")
      assert.strictEqual(yield* tagOf(store.settle({ execution: id, fence: 2 }, other)), "StaleAttempt")
      assert.strictEqual(yield* tagOf(store.settle({ execution: newId(), fence: 1 }, other)), "StaleAttempt")
    }))

  it.effect("lets only the newest attempt write", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, claim, id, store } = yield* placed()
      assert.strictEqual(yield* store.lose(claim, "disk full"), "queued")
      assert.deepInclude(yield* store.find(account, id), { state: "queued", attempt: 1, runner: null, startedAt: null })
      const [second] = yield* store.claim(newClaimant(), 1)
      assert.deepInclude(second, { execution: id, fence: 2 })
      for (const write of [store.started(claim), store.settle(claim, settlement()), store.lose(claim, "again")]) {
        assert.strictEqual(yield* tagOf<unknown, { _tag: string }, never>(write), "StaleAttempt")
      }
      assert.deepInclude(yield* store.find(account, id), { state: "leased", attempt: 2 })
      assert.strictEqual((yield* store.settle(second!, settlement())).execution.state, "completed")
    }))

  it.effect("settles once when many try at the same moment", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { claim, store } = yield* placed()
      const answers = yield* Effect.all(
        Array.from({ length: 10 }, (_, i) => store.settle(claim, settlement({ exitCode: i }))),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(answers.filter(({ duplicate }) => !duplicate).length, 1)
      assert.strictEqual(new Set(answers.map(({ execution }) => execution.exitCode)).size, 1)
    }))

  it.effect("gives up when the retries are used up, and says how often it tried", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, claim, id, store } = yield* placed({ retries: 1 })
      assert.strictEqual(yield* store.lose(claim, "one"), "queued")
      const [second] = yield* store.claim(newClaimant(), 1)
      assert.strictEqual(yield* store.lose(second!, "two"), "failed")
      const { endedAt, failure } = yield* store.find(account, id)
      assert.deepStrictEqual(failure, { _tag: "AttemptsLost", attempts: 2, detail: "two" })
      assert.isNotNull(endedAt)
    }))
}

const canceling = <R>(it: Methods<R>, { expire }: Options<R, unknown>) => {
  it.effect("ends at once what waits", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const { id } = yield* accept(account)
      const canceled = yield* store.cancel(account, id)
      assert.deepInclude(canceled, { state: "canceled", failure: { _tag: "Canceled" } })
      assert.deepStrictEqual(yield* store.cancel(account, id), canceled)
      assert.deepStrictEqual(yield* store.claim(newClaimant(), 5), [])
    }))

  it.effect("asks for the end of what runs, and never brings it back", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, claim, id, store } = yield* placed()
      yield* store.started(claim)
      const asked = yield* store.cancel(account, id)
      assert.deepInclude(asked, { state: "running", cancelRequested: true })
      assert.deepStrictEqual(yield* store.cancel(account, id), asked)
      assert.strictEqual(yield* store.lose(claim, "died"), "canceled")
    }))

  it.effect("does nothing to what has ended", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, claim, id, store } = yield* placed()
      const { execution } = yield* store.settle(claim, settlement())
      assert.deepStrictEqual(yield* store.cancel(account, id), execution)
    }))
}

const passing = <R>(it: Methods<R>, { expire }: Options<R, unknown>) => {
  it.effect("takes back leases and uploads whose time is over", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, claim, id, store } = yield* placed({ retries: 0 })
      const upload = yield* store.accept({ id: newId(), account, spec: withFile({ sha256: hash(), size: 1 }) })
      assert.deepStrictEqual(yield* store.sweep, [])
      yield* expire
      const swept = yield* store.sweep
      assert.sameDeepMembers([...swept], [
        { execution: id, fence: 1, state: "failed" },
        { execution: upload.execution.id, fence: 0, state: "failed" }
      ])
      assert.deepStrictEqual(yield* store.sweep, [])
      assert.strictEqual((yield* store.find(account, id)).failure?._tag, "AttemptsLost")
      assert.deepStrictEqual((yield* store.find(account, upload.execution.id)).failure, { _tag: "UploadExpired" })
      assert.strictEqual(yield* tagOf(store.settle(claim, settlement())), "StaleAttempt")
    }))

  it.effect("grants every lease one more term", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, id, store } = yield* placed()
      yield* expire
      yield* store.extendLeases
      assert.deepStrictEqual(yield* store.sweep, [])
      assert.strictEqual((yield* store.find(account, id)).state, "leased")
    }))

  it.effect("reclaims what a runner held before it started anew", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, claimant, id, store } = yield* placed()
      const other = yield* placed()
      assert.deepStrictEqual(yield* store.reclaim(claimant.runner, claimant.incarnation), [])
      const anew = newClaimant({ runner: claimant.runner })
      assert.deepStrictEqual(yield* store.reclaim(claimant.runner, anew.incarnation), [
        { execution: id, fence: 1, state: "queued" }
      ])
      assert.strictEqual((yield* store.find(account, id)).state, "queued")
      assert.strictEqual((yield* store.find(other.account, other.id)).state, "leased")
    }))
}

const hinting = <R>(it: Methods<R>) => {
  it.effect("hints at what was queued, canceled and ended", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const account = newAccount()
      const seen: Array<Hint> = []
      const listening = yield* Effect.forkChild(Stream.runForEach(store.hints, (hint) => Effect.sync(() => seen.push(hint))))
      const wait = Effect.fnUntraced(function*(reason: string, found: (hint: Hint) => boolean) {
        for (let i = 0; i < 500; i++) {
          if (seen.some(found)) return
          yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 10)))
        }
        assert.fail(`No hint: ${reason}, only ${JSON.stringify(seen)}`)
      })
      // The stream listens some time after it was begun: hints before that are lost.
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 300)))
      seen.length = 0
      const { id } = yield* accept(account)
      yield* wait("queued", ({ _tag }) => _tag === "Queued")
      const claimant = newClaimant()
      const claims = yield* store.claim(claimant, 1000)
      yield* store.cancel(account, id)
      yield* wait("cancel", (hint) =>
        hint._tag === "CancelRequested" && hint.execution === id && hint.runner === claimant.runner)
      yield* Effect.forEach(claims, (claim) => store.settle(claim, settlement()))
      yield* wait("ended", (hint) => hint._tag === "Changed" && hint.execution === id)
      yield* Fiber.interrupt(listening)
    }))
}

const endings: ReadonlyArray<Ending> = [
  completed,
  { state: "failed", failure: { _tag: "ScriptExited", code: 3 } },
  { state: "timed_out", failure: { _tag: "TimedOut", seconds: 5 } },
  { state: "canceled", failure: { _tag: "Canceled" } }
]

/** What a client, a runner or time may do next; fences right and wrong. */
const Step = Schema.Struct({
  kind: Schema.Literals(["upload", "claim", "start", "settle", "lose", "cancel", "expire", "reclaim", "renew", "extend"]),
  fence: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 })),
  pick: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 }))
})
type Step = typeof Step.Type

/** What a step means to the state machine, in order. Losses carry the words of the verb that finds them. */
const eventsOf = ({ fence, kind, pick }: Step, life: Life): ReadonlyArray<Event> => {
  const lost = (at: number, detail: string): Event => ({ _tag: "AttemptLost", fence: at, detail, counts: true })
  switch (kind) {
    case "upload":
      return [{ _tag: "Uploaded" }]
    case "claim":
      return [{ _tag: "Claimed" }]
    case "start":
      return [{ _tag: "Started", fence }]
    case "settle":
      return [{ _tag: "Settled", fence, ending: endings[pick]! }]
    case "lose":
      return [lost(fence, "lost")]
    case "cancel":
      return [{ _tag: "CancelRequested" }]
    case "expire":
      return [{ _tag: "UploadExpired" }, lost(life.fence, "worker lost")]
    case "reclaim":
      return [lost(life.fence, "worker restarted")]
    default:
      return []
  }
}

const applied = (life: Life, events: ReadonlyArray<Event>): Life =>
  events.reduce((now, event) => Result.getOrElse(transition(now, event), () => now), life)

const against = <R>(it: Methods<R>, { expire }: Options<R, unknown>) => {
  const act = Effect.fnUntraced(function*(step: Step, account: AccountId, attempt: Attempt, part: Part, claimant: Claimant) {
    const store = yield* ExecutionStore
    switch (step.kind) {
      case "upload":
        return yield* Effect.andThen(store.recordPart(account, part), store.uploaded(account, attempt.execution))
      case "claim":
        return yield* store.claim(claimant, 1)
      case "start":
        return yield* Effect.result(store.started(attempt))
      case "settle":
        return yield* Effect.result(store.settle(attempt, settlement({ ending: endings[step.pick]! })))
      case "lose":
        return yield* Effect.result(store.lose(attempt, "lost"))
      case "cancel":
        return yield* store.cancel(account, attempt.execution)
      case "expire":
        return yield* Effect.andThen(expire, store.sweep)
      case "reclaim":
        return yield* store.reclaim(claimant.runner, newClaimant().incarnation)
      case "renew":
        return yield* store.renew(claimant.incarnation, [attempt])
      case "extend":
        return yield* store.extendLeases
    }
  })

  it.effect.prop("does what the state machine says, in whatever order things come", {
    steps: Schema.Array(Step).check(Schema.isMaxLength(25))
  }, ({ steps }) =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const part = { sha256: hash(), size: 1 }
      const claimant = newClaimant()
      const { execution } = yield* store.accept({ id: newId(), account, spec: withFile(part, { retries: 1 }) })
      let life: Life = { state: "uploading", fence: 0, lost: 0, retries: 1, cancelRequested: false, failure: null }
      for (const step of steps) {
        yield* act(step, account, { execution: execution.id, fence: step.fence }, part, claimant)
        life = applied(life, eventsOf(step, life))
        const found = yield* store.find(account, execution.id)
        assert.deepStrictEqual(
          { state: found.state, fence: found.attempt, cancelRequested: found.cancelRequested, failure: found.failure },
          { state: life.state, fence: life.fence, cancelRequested: life.cancelRequested, failure: life.failure }
        )
        assert.strictEqual(found.endedAt !== null, isFinal(life.state))
      }
    }), { arbitrary: { runs: 60 }, timeout: Duration.toMillis("60 seconds") })
}

export const suite = <R, E>(name: string, options: Options<R, E>): void => {
  describe(`ExecutionStore: ${name}`, () => {
    layer(options.layer, { timeout: "60 seconds", excludeTestServices: !options.testClock })((it) => {
      accepting(it, options)
      reading(it)
      claiming(it, options)
      settling(it, options)
      canceling(it, options)
      passing(it, options)
      hinting(it)
      against(it, options)

      it.effect("answers and knows its schema", () =>
        Effect.gen(function*() {
          const store = yield* ExecutionStore
          yield* store.ping
          assert.isAtLeast(yield* store.version, 0)
        }))
    })
  })
}
