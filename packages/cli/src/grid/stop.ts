/** Ending the grid of this machine, so that nothing of it is left running. */
import * as Effect from "effect/Effect"
import { existsSync } from "node:fs"
import { rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { GridNotStarted } from "rgrid/client/errors"
import { gridDirectory } from "rgrid/client/gridFile"
import { withLock } from "./lock.ts"
import { end, find, findPostgres, gone, type Part } from "./processes.ts"

const stopFile = (directory: string): string => join(directory, "stop")

/** Longer than the keeper needs to end both of its children, ten seconds each. */
const keepersPatience = "25 seconds"

const parts: ReadonlyArray<Part> = ["keeper", "runner", "server"]

/**
 * Ends the programs of the grid in `directory`: through its keeper, else, where that was killed, one by one. Tells
 * whether there were any. The caller holds the lock.
 */
export const endPrograms = Effect.fnUntraced(function*(directory: string) {
  const were = yield* Effect.forEach(parts, (part) => find(directory, part))
  const keeper = were[0] ?? null
  if (keeper !== null) {
    yield* Effect.promise(() => writeFile(stopFile(directory), ""))
    yield* gone(keeper, directory, keepersPatience)
  }
  for (const part of parts) yield* end(yield* find(directory, part), directory)
  yield* Effect.promise(() => rm(stopFile(directory), { force: true }))
  return were.some((pid) => pid !== null)
})

const endAll = Effect.fnUntraced(function*(directory: string) {
  const were = yield* endPrograms(directory)
  // The server takes its database with it; one that is still here outlived a killed server. SIGINT: at once, safely.
  const postgres = yield* findPostgres(directory)
  yield* end(postgres, directory, "SIGINT")
  return were || postgres !== null
})

/** False when there was nothing to end. */
export const stop: Effect.Effect<boolean, GridNotStarted> = Effect.suspend(() => {
  const directory = gridDirectory()
  return existsSync(directory) ? withLock(directory, endAll(directory)) : Effect.succeed(false)
})
