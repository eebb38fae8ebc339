/** One start or stop of the grid at a time, across processes. */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { join } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { GridNotStarted } from "rgrid/client/errors"

// The module announces itself as experimental on stderr, where only a person's own words belong.
const quietly = <A>(load: () => A): A => {
  const { emitWarning } = process
  process.emitWarning = () => undefined
  try {
    return load()
  } finally {
    process.emitWarning = emitWarning
  }
}

/** A lock of the database file is freed by any death of its holder; a pid in a file would outlive it. */
const take = (path: string): DatabaseSync => {
  const { DatabaseSync } = quietly(() => process.getBuiltinModule("node:sqlite"))
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec("BEGIN EXCLUSIVE")
    return database
  } catch (cause) {
    database.close()
    throw cause
  }
}

const isBusy = (cause: unknown): boolean => cause instanceof Error && /locked|busy/i.test(cause.message)

const describe = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)

/** A start may take a minute, and a stop half of one. */
const patience = "100 seconds"

const acquire = (directory: string) =>
  Effect.try({ try: () => take(join(directory, "lock.sqlite")), catch: (cause) => cause }).pipe(
    Effect.retry({ schedule: Schedule.spaced("50 millis"), while: isBusy }),
    Effect.timeoutOrElse({
      duration: patience,
      orElse: () => Effect.fail(new Error("another rgrid has been starting or stopping it for over a minute"))
    }),
    Effect.mapError((cause) => new GridNotStarted({ detail: `${directory}: ${describe(cause)}`, log: null }))
  )

/** Waits for whoever starts or stops the grid of this directory, then does `use` alone. */
export const withLock = <A, E, R>(
  directory: string,
  use: Effect.Effect<A, E, R>
): Effect.Effect<A, E | GridNotStarted, R> =>
  Effect.acquireUseRelease(acquire(directory), () => use, (lock) => Effect.sync(() => lock.close()))
