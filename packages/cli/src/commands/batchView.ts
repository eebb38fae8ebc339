/** The live view of a batch on a terminal: drawn again where it stands, and told by keys what to show and do. */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberHandle from "effect/FiberHandle"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type { Batch } from "rgrid/domain/Batch"
import type { Execution } from "rgrid/domain/Execution"
import { Frame } from "../output/batch/frame.ts"
import { items } from "../output/batch/keys.ts"
import type { CommandError } from "../output/sentences.ts"
import { marked, paint } from "../output/style.ts"
import { obeying } from "./batchViewKeys.ts"
import { BatchViewState } from "./batchViewState.ts"
import * as terminal from "./viewTerminal.ts"

export interface BatchActions {
  /** What runs now, or is about to. */
  readonly active: Effect.Effect<ReadonlyArray<Execution>, CommandError>
  /** The batch as it is now: items also begin while none ends, which is all that `changed` may tell. */
  readonly current?: Effect.Effect<Batch, CommandError>
  /** The member of that number, from 1; null for none. For one that is neither running nor has ended lately. */
  readonly memberAt?: (position: number) => Effect.Effect<Execution | null, CommandError>
  /** What an item wrote, then what it writes, until it has ended. */
  readonly logsOf: (id: string) => Stream.Stream<Uint8Array, CommandError>
  /** What an item waits for whose script has not begun: `Installing…`; null for nothing any more. */
  readonly preparing?: (id: string) => Stream.Stream<string | null, CommandError>
  /** The id of the batch in which they run again. */
  readonly retryFailed: Effect.Effect<string, CommandError>
  readonly cancelAll: Effect.Effect<void, CommandError>
}

export interface BatchViewOptions {
  readonly batch: Batch
  readonly actions: BatchActions
  /** False: one line, and no keys. Default true. */
  readonly whole?: boolean
  /** False: somebody watches from elsewhere and is told what this is. Default true. */
  readonly startedHere?: boolean
}

export interface BatchView {
  readonly changed: (batch: Batch) => Effect.Effect<void>
  /** `where`: where its outputs are here; null where nothing of it was brought. */
  readonly ended: (execution: Execution, where: string | null) => Effect.Effect<void>
  /** A line that stays, above the view: all that is said meanwhile has to come through here. */
  readonly say: (line: string) => Effect.Effect<void>
  /** Resolves when the person asked to leave. The view has ended then. */
  readonly detached: Effect.Effect<void>
  /** Shows the last state, or takes the one line away; the terminal is as it was. Happens at the end of the scope too. */
  readonly end: Effect.Effect<void>
}

/** Times change every second; keys and items are seen at once, but not one by one. */
const tick = "1 second"
const together = "30 millis"
const pollEvery = "2 seconds"
const pollPause = "500 millis"

type Poke = Queue.Queue<void>
const poke = (queue: Poke) => Effect.sync(() => void Queue.offerUnsafe(queue, undefined))

class View {
  readonly state: BatchViewState
  readonly whole: boolean
  readonly frame = new Frame()
  /** Drawing and saying take turns. */
  readonly turn = Semaphore.makeUnsafe(1)
  isOver = false

  constructor({ batch, startedHere = true, whole = true }: BatchViewOptions) {
    this.state = new BatchViewState(batch, startedHere)
    this.whole = whole
  }

  readonly paintOn = (style: Parameters<typeof paint>[0], text: string) => paint(style, text, process.stderr)

  readonly drawn = Effect.gen({ self: this }, function*() {
    const look = { ...terminal.size(), now: yield* Clock.currentTimeMillis, paint: this.paintOn }
    const lines = this.whole ? this.state.screen(look) : this.state.line(look)
    yield* terminal.write(this.frame.draw(lines, look))
  })

  readonly draw = this.turn.withPermit(Effect.suspend(() => this.isOver ? Effect.void : this.drawn))

  readonly say = (line: string) =>
    this.turn.withPermit(Effect.suspend(() => {
      const above = this.frame.clear(terminal.size()) + `${marked(line, process.stderr)}\n`
      return Effect.andThen(terminal.write(above), this.isOver ? Effect.void : this.drawn)
    }))

  /** The whole view stays where it is, so that somebody who scrolls back finds it. */
  readonly finish = this.turn.withPermit(Effect.suspend(() => {
    if (this.isOver) return Effect.void
    this.isOver = true
    if (!this.whole) return terminal.write(this.frame.clear(terminal.size()))
    this.state.mode = items
    this.state.notice = null
    this.state.hasKeys = false
    return Effect.andThen(this.drawn, Effect.suspend(() => terminal.write(this.frame.leave())))
  }))
}

const drawing = (view: View, dirty: Poke) =>
  view.draw.pipe(
    Effect.andThen(Effect.timeoutOption(Queue.take(dirty), tick)),
    Effect.andThen(Effect.sleep(together)),
    Effect.forever
  )

type Preparing = FiberHandle.FiberHandle

/** Until the first has ended, what it waits for is what all wait for: an image, an installation. Asked once for each. */
const prepare = (state: BatchViewState, { preparing }: BatchActions, handle: Preparing, redraw: Effect.Effect<void>) =>
  Effect.suspend((): Effect.Effect<unknown> => {
    const { first } = state
    if (first !== null && first === state.asked) return Effect.void
    state.asked = first
    if (preparing === undefined || first === null) {
      state.preparing = null
      return FiberHandle.clear(handle)
    }
    const telling = Stream.runForEach(preparing(first), (words) =>
      Effect.suspend(() => {
        state.preparing = words
        return redraw
      }))
    return FiberHandle.run(handle, Effect.ignore(telling))
  })

/** Nobody is told of what can't be asked now: it is asked again, and whoever follows the batch says so. */
const polling = (view: View, actions: BatchActions, preparing: Preparing, dirty: Poke, stale: Poke) =>
  Effect.gen(function*() {
    const { state } = view
    if (actions.current !== undefined) state.changed(yield* actions.current)
    state.runs(yield* actions.active)
    yield* prepare(state, actions, preparing, poke(dirty))
    yield* poke(dirty)
  }).pipe(
    Effect.ignore,
    Effect.andThen(Effect.sleep(pollPause)),
    Effect.andThen(Effect.timeoutOption(Queue.take(stale), pollEvery)),
    Effect.repeat({ while: () => view.state.batch.endedAt === null })
  )

/** A new size may leave less room; what was stopped finds another text where it stood. */
const changes = (view: View, dirty: Poke) =>
  terminal.onChange((what) => {
    if (what === "resumed") view.frame.leave()
    Queue.offerUnsafe(dirty, undefined)
  })

const begin = Effect.fnUntraced(function*(view: View, actions: BatchActions, dirty: Poke, stale: Poke, leaving: Deferred.Deferred<void>) {
  const keys = view.whole ? yield* terminal.keys : null
  view.state.hasKeys = keys !== null
  yield* changes(view, dirty)
  yield* Effect.forkScoped(drawing(view, dirty))
  yield* Effect.forkScoped(polling(view, actions, yield* FiberHandle.make(), dirty, stale))
  if (keys !== null) yield* obeying(keys, { view, actions, redraw: poke(dirty), leaving })
})

/** Goes on beside whatever the caller does, until `end` or the end of the scope. */
export const batchView = Effect.fnUntraced(function*(options: BatchViewOptions): Effect.fn.Return<BatchView, never, Scope.Scope> {
  const view = new View(options)
  const dirty: Poke = yield* Queue.sliding<void>(1)
  const stale: Poke = yield* Queue.sliding<void>(1)
  const leaving = yield* Deferred.make<void>()
  const inner = yield* Scope.make()
  const end = Effect.uninterruptible(Effect.andThen(Scope.close(inner, Exit.void), view.finish))
  yield* Effect.addFinalizer(() => end)
  yield* begin(view, options.actions, dirty, stale, leaving).pipe(Scope.provide(inner))
  const news = (change: () => void) =>
    Effect.suspend(() => {
      change()
      return Effect.andThen(poke(dirty), poke(stale))
    })
  return {
    changed: (batch) => news(() => view.state.changed(batch)),
    ended: (execution, where) => news(() => view.state.ended(execution, where)),
    say: view.say,
    detached: Effect.andThen(Deferred.await(leaving), end),
    end
  }
})
