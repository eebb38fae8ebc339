/** One line on the terminal that is drawn anew until something else is shown: what an attempt waits for. */
import * as Effect from "effect/Effect"
import type { Progress } from "rgrid/domain/Progress"
import { plain, size } from "./format.ts"
import * as stdio from "./stdio.ts"
import { cut } from "./table.ts"

const erase = "\r\u001b[2K"

const installing = ({ declared = "dependencies", line = "" }: Progress): string =>
  `Installing ${plain(declared)}${line === "" ? "…" : `: ${plain(line)}`}`

export const words = (progress: Progress): string => {
  const { doneBytes, image, phase, totalBytes } = progress
  if (phase === "starting") return "Starting…"
  if (phase === "installing") return installing(progress)
  const amount = totalBytes === 0 ? "…" : `: ${size(doneBytes)} of ${size(totalBytes)}`
  return `Pulling ${plain(image)}${amount}`
}

export class ProgressLine {
  private isDrawn = false

  /** Nothing where nobody looks. */
  draw(progress: Progress): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (!stdio.isWatched()) return Effect.void
      this.isDrawn = true
      // A line that wraps can't be erased.
      return Effect.ignore(stdio.stderr(erase + cut(words(progress), (process.stderr.columns || 80) - 1)))
    })
  }

  /** Before anything else is shown. */
  readonly clear: Effect.Effect<void> = Effect.suspend(() => {
    if (!this.isDrawn) return Effect.void
    this.isDrawn = false
    return Effect.ignore(stdio.stderr(erase))
  })
}
