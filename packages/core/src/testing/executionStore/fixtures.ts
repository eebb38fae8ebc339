/** What the tests of stores are made of. */
import { assert, type Vitest } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { emptyManifest } from "../../domain/Execution.ts"
import type { Ending } from "../../domain/ExecutionState.ts"
import { type AccountId, accountId, executionId, incarnation, runnerId } from "../../domain/Id.ts"
import { type JobSpec, jobSpec, Sha256 } from "../../domain/JobSpec.ts"
import { type Claimant, ExecutionStore, type Part, type Settlement } from "../../ports/ExecutionStore.ts"

export interface Options<R, E> {
  readonly layer: Layer.Layer<ExecutionStore | R, E>
  /** Lets the term of every lease and of every upload pass. */
  readonly expire: Effect.Effect<void, never, ExecutionStore | R>
  /** Lets the store's clock go on by a millisecond or more. */
  readonly tick: Effect.Effect<void>
  /** The store reads the test clock. Otherwise tests run on the real one. */
  readonly testClock: boolean
}

export const completed: Ending = { state: "completed", failure: null }

/** A hash that no other test uses. */
export const hash = (): Sha256 => {
  const bytes = Array.from(crypto.getRandomValues(new Uint8Array(32)))
  return Sha256.make(bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(""))
}

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
  price: { hourlyMicros: 0, slots: 1 },
  ...over
})

/** Ids sort by their time; tests that depend on the order make them far apart. */
let ticks = Date.now()
export const newId = () => executionId(ticks++)

export const withFile = (part: Part, over: Partial<JobSpec> = {}): JobSpec =>
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
export const drained = <R>(expire: Effect.Effect<void, never, R>) =>
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
export const placed = Effect.fnUntraced(function*(over: Partial<JobSpec> = {}) {
  const store = yield* ExecutionStore
  const account = newAccount()
  const { id } = yield* accept(account, over)
  const claimant = newClaimant()
  const [claim] = yield* store.claim(claimant, 1)
  assert.strictEqual(claim?.execution, id)
  return { store, account, id, claimant, claim: claim! }
})

export const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), ({ _tag }) => _tag)


export type Methods<R> = Vitest.MethodsNonLive<ExecutionStore | R>
