/** What takes long is seen to go on, on a terminal; elsewhere nothing of it is written. */
import * as Effect from "effect/Effect"
import { isWatched } from "./stdio.ts"

export type Progress = (line: string) => Effect.Effect<void>

const silent: Progress = () => Effect.void

/** Runs `work` with a spinner that shows its latest word, and leaves no trace of it. */
export const withSpinner = <A, E, R>(work: (progress: Progress) => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => isWatched() ? spinning(work) : work(silent))

const spinning = <A, E, R>(work: (progress: Progress) => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.acquireUseRelease(
    Effect.map(Effect.promise(() => import("yocto-spinner")), ({ default: make }) => make({ stream: process.stderr })),
    (spinner) =>
      work((line) =>
        Effect.sync(() => {
          spinner.text = line
          // Not before there is something to say: a grid that is up already answers at once.
          spinner.start()
        })
      ),
    (spinner) => Effect.sync(() => spinner.stop())
  )
