/** Staying with an execution: its output here as it comes, then its files, then its exit code. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { bringBack, type BringBackOptions, type BroughtBack } from "rgrid/client/bringBack"
import { remarks } from "rgrid/client/broughtBackSentences"
import { follow, type FollowEvent } from "rgrid/client/follow"
import type { Prepared } from "rgrid/client/prepare"
import { whileSending } from "rgrid/client/stdin"
import type { Execution } from "rgrid/domain/Execution"
import { Exit } from "../exit.ts"
import { exitCodes } from "rgrid/client/exitCodes"
import { broughtBack } from "../output/broughtBack.ts"
import { endLine, toJson } from "../output/execution.ts"
import { exitCodeOf } from "rgrid/client/exitCodeOf"
import { verbatim } from "../output/logLines.ts"
import { ProgressLine } from "../output/progressLine.ts"
import { lost } from "../output/retrying.ts"
import { outputEvent } from "../output/runEvents.ts"
import * as stdio from "../output/stdio.ts"
import { storedWords } from "../output/wayBack.ts"
import type { Watching } from "./watching.ts"

/** How somebody stays with it. */
export interface Staying {
  readonly json: boolean
  readonly watch: boolean
  readonly remoteOnly: boolean
  readonly retries: number
  /** Where its files go. */
  readonly landing: BringBackOptions
  readonly liveStdin?: Prepared["liveStdin"]
}

/** Shows one event. What goes wrong with the connection or a worker is said even when nobody seems to look. */
const show = (event: FollowEvent, asked: Staying, line: ProgressLine, view: Watching | null) => {
  switch (event._tag) {
    case "Progress":
      // With a live line of its own there is no room for another.
      return view === null ? line.draw(event.progress) : Effect.void
    case "Output":
      if (asked.json) return Effect.andThen(view?.output(event) ?? Effect.void, stdio.jsonLine(outputEvent(event)))
      return view === null ? verbatim(event) : view.output(event)
    case "NewAttempt":
      return Effect.andThen(
        view?.anew ?? Effect.void,
        stdio.say(`Auto-retry ${event.attempt - 1}/${asked.retries} after worker failure`)
      )
    case "Reconnecting":
      return stdio.say(lost(event))
    case "Ended":
      return Effect.void
  }
}

const viewOf = (execution: Execution, json: boolean) =>
  Effect.flatMap(
    Effect.promise(() => import("./watching.ts")),
    ({ watching }) => watching(execution, { shown: !json, json })
  )

type Ended = Omit<Extract<FollowEvent, { readonly _tag: "Ended" }>, "_tag">

/** Shows everything until the end. */
const watch = Effect.fnUntraced(function*(execution: Execution, asked: Staying) {
  const line = new ProgressLine()
  const view = asked.watch ? yield* viewOf(execution, asked.json) : null
  const last = yield* follow(execution.id).pipe(
    Stream.tap((event) => {
      const clear = event._tag === "Progress" ? Effect.void : line.clear
      return Effect.andThen(clear, show(event, asked, line, view))
    }),
    Stream.ensuring(view?.end ?? Effect.void),
    Stream.filter((event) => event._tag === "Ended"),
    Stream.runLast,
    Effect.ensuring(line.clear)
  )
  return Option.getOrElse(last, (): Ended => ({ execution }))
}, Effect.scoped)

const tellOutputs = (execution: Execution, brought: BroughtBack | null) =>
  brought === null
    ? stdio.mention(storedWords(execution.id))
    : Effect.forEach(remarks(brought), stdio.say, { discard: true }).pipe(
      Effect.andThen(Effect.suspend(() => {
        const line = broughtBack(brought)
        return line === null ? Effect.void : stdio.mention(line)
      }))
    )

const tellEnd = Effect.fnUntraced(function*(execution: Execution, cwd: string) {
  const { failure } = execution
  if (failure === null) {
    const line = endLine(execution, yield* Clock.currentTimeMillis)
    return yield* line === null ? Effect.void : stdio.mention(line)
  }
  const { tellFailure } = yield* Effect.promise(() => import("./tellFailure.ts"))
  yield* tellFailure(execution.id, failure, cwd)
})

/** What a program that reads JSON is told at the end. */
const endEvent = (execution: Execution, brought: BroughtBack | null) => ({
  type: "ended",
  execution: toJson(execution),
  outputs: brought
})

/**
 * Ends with the script's exit code. `onLeave` is said when the person leaves before the script has ended; the execution
 * goes on.
 */
export const attach = Effect.fnUntraced(
  function*(accepted: Execution, asked: Staying, onLeave: Effect.Effect<void>) {
    if (asked.json) yield* stdio.jsonLine({ type: "started", execution: toJson(accepted) })
    const { execution, outputs: listed } = yield* whileSending(accepted.id, asked, watch(accepted, asked)).pipe(
      Effect.onInterrupt(() => onLeave)
    )
    const brought = asked.remoteOnly ? null : yield* bringBack(execution, { ...asked.landing, listed }).pipe(
      Effect.onInterrupt(() => stdio.say(`\nInterrupted. Fetch what it made: rgrid download ${execution.id}`))
    )
    if (asked.json) yield* stdio.jsonLine(endEvent(execution, brought))
    yield* tellOutputs(execution, brought)
    yield* tellEnd(execution, execution.cwd)
    const code = exitCodeOf(execution)
    if (code !== exitCodes.ok) return yield* new Exit({ code })
  }
)
