/** The executable that is one file: it has the command line in it, and neither a server nor a runner. */
import * as Effect from "effect/Effect"
import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"
import { GridNotStarted } from "rgrid/client/errors"
import { version } from "./version.ts"

export const isSingleFile = (): boolean => process.getBuiltinModule("node:sea").isSea()

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const npm = (): string | undefined =>
  (process.env["PATH"] ?? "").split(delimiter).filter((place) => place !== "").map((place) => join(place, "npm")).find(isProgram)

const missing = new GridNotStarted({
  detail: "this executable is the command line alone, and npm, which brings the rest of RGrid, is not on the PATH; install " +
    "Node.js 22.19 or newer, or name a grid with RGRID_URL and RGRID_API_KEY",
  log: null
})

/** The whole of this very version, as npm brings it. */
export const wholeProgram: Effect.Effect<ReadonlyArray<string>, GridNotStarted> = Effect.suspend(() => {
  const program = npm()
  return program === undefined
    ? Effect.fail(missing)
    : Effect.succeed([program, "exec", "--yes", `--package=@rgrid/cli@${version}`, "--", "rgrid-cli"])
})

/** Does what was asked for by the whole program, under the same pid. */
export const becomeWhole: Effect.Effect<never, GridNotStarted> = Effect.flatMap(wholeProgram, (whole) =>
  Effect.sync(() => process.execve!(whole[0]!, [...whole, ...process.argv.slice(2)], process.env)))
