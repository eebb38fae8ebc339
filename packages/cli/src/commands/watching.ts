/** The live view of one execution: its output goes through here, and a line about it stands below. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import * as executions from "rgrid/client/executions"
import type { Output } from "rgrid/client/readLog"
import type { Execution } from "rgrid/domain/Execution"
import { estimate, feed, fractionOf, unknown } from "rgrid/domain/ScriptProgress"
import { median } from "rgrid/domain/Why"
import { elapsed } from "../output/execution.ts"
import { LiveLine, type Piece } from "../output/liveLine.ts"
import { progressLine } from "../output/progress.ts"
import * as stdio from "../output/stdio.ts"

export interface WatchOptions {
  /** Whether the script's output is shown, or only read for its progress. */
  readonly shown: boolean
  /** Progress as events on stdout instead of a line. */
  readonly json: boolean
}

export interface Watching {
  readonly output: (output: Output) => Effect.Effect<void, stdio.PipeClosed>
  /** A new attempt begins from nothing. */
  readonly anew: Effect.Effect<void>
  /** Takes the line away; nothing is drawn any more. */
  readonly end: Effect.Effect<void>
}

/** On a terminal every second; else a line only when it tells a tenth more, or after half a minute. */
const tick = "1 second"
const plainEveryMillis = 30_000

const write = (pieces: ReadonlyArray<Piece>) =>
  Effect.forEach(pieces, (piece) => {
    if ("words" in piece) return stdio.stderr(piece.words)
    return piece.stream === "stdout" ? stdio.stdout(piece.bytes) : stdio.stderr(piece.bytes)
  }, { discard: true })

const decoders = () => ({ stdout: new TextDecoder(), stderr: new TextDecoder() })

class View {
  readonly line: LiveLine
  readonly usual: number | null
  execution: Execution
  progress = { stdout: unknown, stderr: unknown }
  text = decoders()
  told = { percent: -1, at: 0 }

  constructor(execution: Execution, usual: number | null, shown: boolean) {
    const terminal = stdio.isWatched()
    this.execution = execution
    this.usual = usual
    // Two files are two places: the script's stdout spoils no line of ours on stderr.
    this.line = new LiveLine({
      terminal,
      columns: () => process.stderr.columns,
      stdout: shown && terminal && process.stdout.isTTY,
      stderr: shown
    })
  }

  take({ bytes, stream }: Output): void {
    this.progress[stream] = feed(this.progress[stream], this.text[stream].decode(bytes, { stream: true }))
  }

  estimate(now: number) {
    const fraction = fractionOf(this.progress.stderr) ?? fractionOf(this.progress.stdout)
    return estimate(fraction, elapsed(this.execution, now) ?? 0, this.usual)
  }

  /** Whether enough has changed for another line that stays. */
  isNews(percent: number | null, now: number): boolean {
    const tenth = Math.floor((percent ?? 0) / 10)
    if (tenth === this.told.percent && now - this.told.at < plainEveryMillis) return false
    this.told = { percent: tenth, at: now }
    return true
  }
}

/** The execution's start is not told by its output: asked for until it is known. */
const refresh = (view: View) =>
  view.execution.startedAt !== null ? Effect.void : executions.get(view.execution.id).pipe(
    Effect.map((found) => {
      view.execution = found
    }),
    Effect.ignore
  )

const tellOnce = Effect.fnUntraced(function*(view: View, json: boolean) {
  yield* refresh(view)
  const now = yield* Clock.currentTimeMillis
  const estimated = view.estimate(now)
  if (!json && stdio.isWatched()) return yield* write(view.line.say(progressLine(view.execution, estimated, now)))
  if (view.execution.startedAt === null || !view.isNews(estimated.percent, now)) return
  if (json) return yield* stdio.jsonLine({ type: "progress", elapsedMillis: elapsed(view.execution, now), ...estimated })
  yield* write(view.line.say(progressLine(view.execution, estimated, now)))
})

/** Goes on beside whatever the caller does, until `end` or the end of the scope. */
export const watching = Effect.fnUntraced(function*(execution: Execution, { json, shown }: WatchOptions) {
  const usual = yield* executions.whyFacts(execution.id).pipe(
    Effect.map(({ earlier }) => median(earlier)),
    Effect.orElseSucceed(() => null)
  )
  const view = new View(execution, usual, shown)
  // Our line and the script's bytes take turns.
  const turn = Semaphore.makeUnsafe(1)
  let over = false
  const tell = turn.withPermit(Effect.suspend(() => over ? Effect.void : tellOnce(view, json)))
  yield* Effect.forkScoped(Effect.ignore(Effect.forever(Effect.andThen(tell, Effect.sleep(tick)))))
  const watched: Watching = {
    output: (output) =>
      turn.withPermit(Effect.suspend(() => {
        view.take(output)
        if (!shown) return Effect.void
        return write(view.line.output(output.stream, output.bytes))
      })),
    anew: Effect.sync(() => {
      view.progress = { stdout: unknown, stderr: unknown }
      view.text = decoders()
    }),
    end: turn.withPermit(Effect.suspend(() => {
      over = true
      return Effect.ignore(write(view.line.clear()))
    }))
  }
  return watched
})
