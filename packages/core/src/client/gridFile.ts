/** Where the grid of this machine lives, and the file that tells how to reach it. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { randomUUID } from "node:crypto"
import { readFile, rename, writeFile } from "node:fs/promises"
import { homedir } from "node:os"
import { join, resolve } from "node:path"

export const GridFile = Schema.Struct({
  url: Schema.String,
  key: Schema.String,
  port: Schema.Int,
  /** Of the program that started it. */
  version: Schema.String
}).annotate({ identifier: "GridFile" })
export type GridFile = typeof GridFile.Type

const encode = Schema.encodeSync(Schema.fromJsonString(GridFile))
const decode = Schema.decodeUnknownOption(Schema.fromJsonString(GridFile))

/**
 * `RGRID_HOME`, else `~/.rgrid/grid`. Root's grid lives outside its home: Postgres runs under another uid and must be
 * able to reach its data.
 */
export const gridDirectory = (
  env: Readonly<Record<string, string | undefined>> = process.env,
  uid: number | undefined = process.getuid?.()
): string => {
  if (env["RGRID_HOME"] !== undefined && env["RGRID_HOME"] !== "") return resolve(env["RGRID_HOME"])
  return uid === 0 ? "/var/lib/rgrid" : join(homedir(), ".rgrid", "grid")
}

/** Of the grid of this machine. */
export const objectsDirectory = (): string => join(gridDirectory(), "data", "objects")

const pathIn = (directory: string): string => join(directory, "grid.json")

/** None where there is no grid, or where what is there is not readable as one. */
export const read = (directory: string): Effect.Effect<Option.Option<GridFile>> =>
  Effect.promise(() => readFile(pathIn(directory), "utf8").catch(() => "")).pipe(
    Effect.map((text) => text === "" ? Option.none() : decode(text))
  )

/** Readers see the old file or the new one, never half of one, and nobody else reads either. */
export const write = (directory: string, grid: GridFile): Effect.Effect<void, NodeJS.ErrnoException> =>
  Effect.tryPromise({
    try: async () => {
      const fresh = `${pathIn(directory)}.${randomUUID()}`
      await writeFile(fresh, encode(grid), { mode: 0o600, flag: "wx" })
      await rename(fresh, pathIn(directory))
    },
    catch: (cause) => cause as NodeJS.ErrnoException
  })
