/** Installed dependencies: made once for all who need the same, kept for the next, read by many at a time. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as RcMap from "effect/RcMap"
import * as Scope from "effect/Scope"
import type { Sandbox, SandboxError } from "rgrid/ports/Sandbox"
import { type FileTrouble, onDisk } from "../attempt/FileTrouble.ts"
import type { Workspace } from "../attempt/Workspace.ts"
import type { Settings } from "../Settings.ts"
import { StateDirectory } from "../StateDirectory.ts"
import { build, type Refused } from "./build.ts"
import type { Need } from "./Need.ts"
import * as Store from "./Store.ts"
import type { Toolbox } from "./Toolbox.ts"
import { Words } from "./Words.ts"

export interface Limits {
  /** What all layers may take; one that is in use stays whatever they take. Absent: as the disk has it. */
  readonly bytes?: number
  /** How long one installing may take. */
  readonly time: Duration.Duration
}

const defaultLimits: Limits = { time: Duration.minutes(5) }

/** A batch does not try again for each of its items what was refused just now. */
const refusalMillis = 30_000

export class Layers extends Context.Service<Layers, {
  readonly has: (need: Need) => boolean
  /**
   * The directory of what is installed, for as long as the scope is open. Made if it is not there, once for all who wait;
   * the making ends when nobody waits any more. The declaration's parts are in the cache.
   */
  readonly get: (need: Need) => Effect.Effect<string, Refused | SandboxError | FileTrouble, Scope.Scope>
  /** What was built before that time is built anew by the next `get`. Milliseconds since 1970. */
  readonly outdate: (need: Need, before: number) => Effect.Effect<void>
  readonly kept: () => { readonly count: number; readonly bytes: number }
  /** The newest line of the installing that `get` waits for; null when there is none. */
  readonly line: (need: Need) => string | null
}>()("@rgrid/runner/dependencies/Layers") {
  static readonly layer = (
    limits = defaultLimits
  ): Layer.Layer<Layers, FileTrouble, Sandbox | Settings | StateDirectory | Toolbox | Workspace> =>
    Layer.effect(Layers, make(limits))
}

class Past {
  readonly #refusals = new Map<string, { readonly error: Refused; readonly until: number }>()

  add(id: string, error: Refused, now: number): void {
    for (const [old, { until }] of this.#refusals) if (until <= now) this.#refusals.delete(old)
    this.#refusals.set(id, { error, until: now + refusalMillis })
  }

  of(id: string, now: number): Refused | null {
    const past = this.#refusals.get(id)
    return past === undefined || past.until <= now ? null : past.error
  }
}

const make = Effect.fnUntraced(function*(limits: Limits) {
  const store = yield* Store.make((yield* StateDirectory).layers, limits.bytes)
  const past = new Past()
  const said = new Map<string, Words>()

  const wordsOf = (need: Need) =>
    Effect.acquireRelease(
      Effect.tap(onDisk(store.log(need.id), () => Words.open(store.log(need.id))), (words) =>
        Effect.sync(() => said.set(need.id, words))),
      (words) =>
        Effect.promise(() => {
          said.delete(need.id)
          return words.close()
        })
    )

  const install = Effect.fnUntraced(function*(need: Need) {
    const directory = yield* store.begin(need.id)
    const words = yield* wordsOf(need)
    yield* build(need, Store.treeIn(directory), words, limits.time)
    yield* store.keep(need.id, directory)
  }, Effect.scoped)

  const made = Effect.fnUntraced(function*(need: Need) {
    const now = yield* Clock.currentTimeMillis
    const refusal = past.of(need.id, now)
    if (refusal !== null) return yield* refusal
    yield* Effect.logInfo("Installing dependencies", { layer: need.id, kind: need.parts.dependencies.kind })
    yield* install(need).pipe(
      Effect.tapErrorTag("Refused", (error) =>
        Effect.map(Clock.currentTimeMillis, (now) => past.add(need.id, error, now)))
    )
  })

  const obtain = Effect.fnUntraced(function*(need: Need) {
    if (!store.has(need.id)) yield* made(need)
    const directory = yield* store.use(need.id)
    return directory === null ? yield* Effect.die(new Error("A layer is gone at once.")) : Store.treeIn(directory)
  })

  const layers = yield* RcMap.make({ lookup: obtain })
  return Layers.of({
    has: (need) => store.has(need.id),
    get: (need) =>
      Effect.gen(function*() {
        // Whoever stops waiting is counted out at once, not with the end of the attempt.
        const scope = yield* Scope.fork(yield* Effect.scope)
        return yield* RcMap.get(layers, need).pipe(
          Scope.provide(scope),
          Effect.onError(() => Scope.close(scope, Exit.void))
        )
      }),
    outdate: Effect.fnUntraced(function*(need, before) {
      if (yield* store.outdate(need.id, before)) yield* RcMap.invalidate(layers, need)
    }),
    kept: store.kept,
    line: (need) => said.get(need.id)?.newest ?? null
  })
})
