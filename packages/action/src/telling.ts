/** What happens on the way, in lines of the log. */
import * as Effect from "effect/Effect"
import type { GridError, NotWritten } from "rgrid/client/errors"
import type { Retry } from "rgrid/client/patience"
import type { Progress } from "rgrid/domain/Progress"
import { explain } from "./errors.ts"

export const lost = ({ of, try: number }: Retry): string => `Connection lost. Retrying… (${number}/${of})`

const phases: Record<Progress["phase"], (progress: Progress) => string | null> = {
  pulling: ({ image }) => `Pulling ${image}…`,
  installing: ({ declared = "dependencies" }) => `Installing ${declared}…`,
  starting: () => null
}

/** A log has no line that is drawn anew: each phase is told once. */
export const makeProgress = (say: (line: string) => void) => {
  let told: string | null = null
  return (progress: Progress) =>
    Effect.sync(() => {
      const line = phases[progress.phase](progress)
      if (line !== null && line !== told) say(line)
      told = line ?? told
    })
}

/** The grid keeps them. */
export const unfetched = (error: GridError | NotWritten): string => {
  const { what, why } = explain(error)
  return `Its outputs were not fetched. ${what} ${why}`.trim()
}
