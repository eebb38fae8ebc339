/** What happens on the way, in lines of the log. */
import * as Effect from "effect/Effect"
import type { BroughtBack } from "rgrid/client/bringBack"
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

/** More of a kind are counted. */
const named = 10

const some = <A>(all: ReadonlyArray<A>, line: (one: A) => string): ReadonlyArray<string> =>
  all.length <= named ? all.map(line) : [...all.slice(0, named).map(line), `… and ${all.length - named} more`]

/** What did not come here as a local run would have left it. */
export const missingOf = ({ beside, deleted, refused, skipped }: BroughtBack): ReadonlyArray<string> => [
  ...some(refused, ({ path, reason }) => `Not written: ${path}: ${reason}`),
  ...some(skipped, ({ path, reason }) => `Left on the grid: ${path} (${reason})`),
  ...some(beside, ({ path, writtenTo }) => `${path} changed here meanwhile; the script's is in ${writtenTo}`),
  ...some(deleted, (path) => `The script removed ${path}; it is still here`)
]

/** The grid keeps them. */
export const unfetched = (error: GridError | NotWritten): string => {
  const { what, why } = explain(error)
  return `Its outputs were not fetched. ${what} ${why}`.trim()
}
