import * as Effect from "effect/Effect"
import { createRequire } from "node:module"
import type { GridNotStarted } from "rgrid/client/errors"
import { frugal, type Part, variable } from "./part/Part.ts"
import { becomeWhole, isSingleFile } from "./singleFile.ts"

/**
 * Young objects get 4 MiB instead of 16: an idle grid weighs less, and a flood of output is freed by quick collections
 * instead of whole ones. With 1 MiB a short item of a batch costs 1.4 ms of processor more. It is too little to be shared
 * out among threads.
 */
const young = ["--max-semi-space-size=4", "--no-parallel-scavenge"]

/**
 * What streams through them counts as garbage of a heap of 40 MB, and makes V8 collect all of it every 20 MB. With more
 * room a flood of output costs half; an idle program stays as small as it is.
 */
const roomier = "--heap-growing-percent=250"

/**
 * Becomes a server or a runner, under the same pid: what the command line has loaded would be a third of their memory
 * for all their life.
 */
export const foreground = (part: Part): Effect.Effect<never, GridNotStarted> =>
  isSingleFile() ? becomeWhole : Effect.sync(() => {
    const program = createRequire(import.meta.url).resolve("@rgrid/cli/part")
    const argv = [process.execPath, ...young, roomier, "--expose-gc", ...process.execArgv, program, ...process.argv.slice(2)]
    return process.execve!(process.execPath, argv, { ...process.env, ...frugal, [variable]: JSON.stringify(part) })
  })
