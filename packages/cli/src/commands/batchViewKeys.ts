/** Does what the keys of a batch's live view ask for. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import * as FiberMap from "effect/FiberMap"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { Execution } from "rgrid/domain/Execution"
import type { Frame } from "../output/batch/frame.ts"
import { items, type Wish, wishOf } from "../output/batch/keys.ts"
import { LogTail } from "../output/batch/logTail.ts"
import { count, plain } from "../output/format.ts"
import { type CommandError, explain } from "../output/sentences.ts"
import type { BatchActions } from "./batchView.ts"
import type { BatchViewState } from "./batchViewState.ts"
import * as terminal from "./viewTerminal.ts"

interface Reach {
  readonly view: { readonly state: BatchViewState; readonly frame: Frame }
  readonly actions: BatchActions
  readonly redraw: Effect.Effect<void>
  readonly leaving: Deferred.Deferred<void>
}

interface Hands extends Reach {
  /** The log that is being read. */
  readonly reading: FiberHandle.FiberHandle
  /** What was asked of the grid and has not been answered. */
  readonly asking: FiberMap.FiberMap<Wish["_tag"]>
  /** How many had failed when they were retried last, and as which batch. */
  retried: { readonly failed: number; readonly as: string } | null
}

const notice = ({ redraw, view: { state } }: Reach, words: string | null) =>
  Effect.suspend(() => {
    state.notice = words
    return redraw
  })

/** Its words on the screen, instead of the end of the program. */
const orSaid = <A>(hands: Reach, work: Effect.Effect<A, CommandError>) =>
  Effect.catch(work, (error) => notice(hands, `✗ ${explain(error).what}`))

const retry = (hands: Hands) =>
  Effect.gen(function*() {
    const { failed } = hands.view.state
    if (failed === 0) return yield* notice(hands, "Nothing has failed.")
    if (hands.retried?.failed === failed) return yield* notice(hands, `They were retried as ${hands.retried.as}`)
    yield* notice(hands, "Retrying…")
    const as = plain(yield* hands.actions.retryFailed)
    hands.retried = { failed, as }
    yield* notice(hands, `Retry started: ${as} (${count(failed, "item")})`)
  })

const cancel = (hands: Hands) =>
  Effect.andThen(notice(hands, "Canceling…"), hands.actions.cancelAll).pipe(
    Effect.andThen(Effect.suspend(() => notice(hands, hands.view.state.batch.halted === null ? "Cancel requested." : null)))
  )

const read = (hands: Hands, execution: Execution) =>
  Effect.suspend(() => {
    const { redraw, view: { state } } = hands
    const log = { execution, tail: new LogTail(), isOver: false }
    state.log = log
    state.mode = { _tag: "Log", id: execution.id }
    state.notice = null
    const over = Effect.suspend(() => {
      log.isOver = true
      return redraw
    })
    const reading = hands.actions.logsOf(execution.id).pipe(
      Stream.runForEach((bytes) => Effect.andThen(Effect.sync(() => log.tail.add(bytes)), redraw)),
      Effect.andThen(over),
      Effect.catch((error) => Effect.andThen(Effect.sync(() => log.tail.add(words(error))), over))
    )
    return Effect.andThen(FiberHandle.run(hands.reading, reading), redraw)
  })

const words = (error: CommandError): Uint8Array => new TextEncoder().encode(`\n✗ ${explain(error).what}\n`)

const choose = (hands: Hands, typed: string) =>
  Effect.gen(function*() {
    const { actions: { memberAt }, view: { state } } = hands
    const isNumber = /^\d{1,9}$/.test(typed)
    const known = state.find(typed) ?? (isNumber && memberAt !== undefined ? yield* memberAt(Number(typed)) : null)
    if (known !== null) return yield* read(hands, known)
    state.mode = { _tag: "Choosing", typed: "" }
    yield* notice(hands, `No item ${typed} is known here.`)
  })

const show = (hands: Hands, mode: Extract<Wish, { readonly _tag: "Show" }>["mode"]) =>
  Effect.suspend(() => {
    const { state } = hands.view
    if (mode._tag === "Asking" && state.open === 0) return notice(hands, "Everything has ended.")
    state.mode = mode
    return Effect.andThen(FiberHandle.clear(hands.reading), notice(hands, null))
  })

/** A key that is pressed twice asks once. */
const ask = (hands: Hands, wish: Wish["_tag"], work: Effect.Effect<void, CommandError>) =>
  FiberMap.run(hands.asking, wish, orSaid(hands, work), { onlyIfMissing: true })

const obey = (hands: Hands, wish: Wish): Effect.Effect<unknown> => {
  switch (wish._tag) {
    case "Show":
      return show(hands, wish.mode)
    case "Choose":
      return ask(hands, wish._tag, choose(hands, wish.typed))
    case "Retry":
      return ask(hands, wish._tag, retry(hands))
    case "Cancel":
      return Effect.andThen(show(hands, items), ask(hands, wish._tag, cancel(hands)))
    case "Detach":
      return Deferred.succeed(hands.leaving, undefined)
    case "Interrupt":
      return terminal.interrupt
    case "Suspend":
      return Effect.andThen(Effect.suspend(() => terminal.write(hands.view.frame.leave())), terminal.suspend).pipe(
        Effect.andThen(hands.redraw)
      )
  }
}

/** Until the scope ends. */
export const obeying = Effect.fnUntraced(function*(keys: terminal.Keys, reach: Reach) {
  const hands: Hands = { ...reach, reading: yield* FiberHandle.make(), asking: yield* FiberMap.make<Wish["_tag"]>(), retried: null }
  const next = Effect.flatMap(Queue.take(keys), (key) => {
    const wish = wishOf(hands.view.state.mode, key)
    return wish === null ? Effect.void : obey(hands, wish)
  })
  yield* Effect.forkScoped(Effect.ignore(Effect.forever(next)))
})
