/** Who watches a batch, and with what: a live view on a terminal, lines elsewhere, events for programs. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Socket from "effect/socket/Socket"
import type { BroughtBack } from "rgrid/client/bringBack"
import * as batches from "rgrid/client/batch/batches"
import { follow } from "rgrid/client/follow"
import type { GridClient } from "rgrid/client/GridClient"
import type { Batch } from "rgrid/domain/Batch"
import type { Execution } from "rgrid/domain/Execution"
import { toJson } from "../output/batches.ts"
import { endedLine } from "../output/batch/items.ts"
import { drawn } from "../output/batch/line.ts"
import { PaceKeeper } from "../output/batch/pace.ts"
import { batchLine } from "../output/batchScreen.ts"
import { toJson as executionJson } from "../output/execution.ts"
import { words } from "../output/progressLine.ts"
import * as stdio from "../output/stdio.ts"
import { type BatchActions, batchView } from "./batchView.ts"
import { canDraw } from "./viewTerminal.ts"

export interface BatchWatch {
  readonly changed: (batch: Batch) => Effect.Effect<void, stdio.PipeClosed>
  /** `where`: where its outputs are here; null where nothing of it was brought. */
  readonly ended: (
    execution: Execution,
    where: string | null,
    brought: BroughtBack | null
  ) => Effect.Effect<void, stdio.PipeClosed>
  readonly say: (line: string) => Effect.Effect<void>
  /** Resolves when the person asked to leave. */
  readonly detached: Effect.Effect<void>
  readonly end: Effect.Effect<void>
}

export interface WatchedHow {
  readonly json: boolean
  /** The whole view instead of a line. */
  readonly watch: boolean
  readonly startedHere: boolean
}

const plainColumns = 100
const plainEveryMillis = 2000

/** Lines that stay: of the batch when it has changed and not too often, and one for each item that failed. */
class PlainView implements BatchWatch {
  readonly #pace = new PaceKeeper()
  readonly #now: Effect.Effect<number> = Clock.currentTimeMillis
  #told = { line: "", at: Number.NEGATIVE_INFINITY }
  readonly detached = Effect.never
  readonly end = Effect.void
  readonly say = stdio.say

  readonly changed = (batch: Batch) =>
    Effect.flatMap(this.#now, (now) => {
      this.#pace.seen(batch)
      const counted = JSON.stringify(batch.counts)
      if (counted === this.#told.line || now - this.#told.at < plainEveryMillis) return Effect.void
      this.#told = { line: counted, at: now }
      const { eta } = this.#pace.at(batch, [], now)
      return stdio.say(batchLine({ batch, active: [], eta, now, columns: plainColumns }))
    })

  readonly ended = (execution: Execution, where: string | null) =>
    Effect.flatMap(this.#now, (now) => {
      this.#pace.ended(execution)
      if (execution.state === "completed" || execution.state === "canceled") return Effect.void
      return stdio.say(drawn(endedLine({ execution, where }, now, Infinity), Infinity, (_, text) => text))
    })
}

/** What was said goes to stderr, and each change and end is a line on stdout. */
const jsonView: BatchWatch = {
  changed: (batch) => stdio.jsonLine({ type: "progress", batch: toJson(batch) }),
  ended: (execution, _where, brought) =>
    stdio.jsonLine({ type: "ended", execution: executionJson(execution), outputs: brought }),
  say: stdio.say,
  detached: Effect.never,
  end: Effect.void
}

const mostActive = 200

const actionsOf = Effect.fnUntraced(function*(id: string) {
  const context = yield* Effect.context<GridClient | Socket.WebSocketConstructor>()
  const here = Effect.provideContext(context)
  const actions: BatchActions = {
    active: here(Stream.runCollect(batches.members(id, { limit: mostActive, status: ["leased", "running"] }))),
    current: here(batches.get(id)),
    memberAt: (position) => here(batches.memberAt(id, position)),
    logsOf: (execution) =>
      follow(execution).pipe(
        Stream.flatMap((event) => event._tag === "Output" ? Stream.succeed(event.bytes) : Stream.empty),
        Stream.provideContext(context)
      ),
    preparing: (execution) =>
      follow(execution).pipe(
        Stream.map((event) => event._tag === "Progress" && event.progress.phase !== "starting" ? words(event.progress) : null),
        // Its output is nobody's concern here.
        Stream.takeUntil((waiting) => waiting === null),
        Stream.provideContext(context)
      ),
    retryFailed: here(Effect.map(batches.retry(id, { only: "failed" }), (batch) => batch.id)),
    cancelAll: here(Effect.asVoid(batches.cancel(id)))
  }
  return actions
})

/** Until `end` or the end of the scope. */
export const watchBatch = Effect.fnUntraced(
  function*(batch: Batch, { json, startedHere, watch }: WatchedHow): Effect.fn.Return<
    BatchWatch,
    never,
    Scope.Scope | GridClient | Socket.WebSocketConstructor
  > {
    if (json) return jsonView
    if (!canDraw()) return new PlainView()
    return yield* batchView({ batch, actions: yield* actionsOf(batch.id), whole: watch, startedHere })
  }
)
