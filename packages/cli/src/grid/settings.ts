/** What the last start of the grid decided, so that later commands can tell of it. */
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"

export const Settings = Schema.Struct({
  sandbox: Schema.Struct({
    kind: Schema.Literals(["containers", "docker", "oci", "process"]),
    because: Schema.NullOr(Schema.String)
  }),
  /** After how long without work it ends itself; null: never. */
  idleSeconds: Schema.NullOr(Schema.Int)
})
export type Settings = typeof Settings.Type

/** Half an hour: memory and a database for nobody are worth less than the second of the next start. */
export const defaultIdleSeconds = 1800

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Settings))

const pathIn = (directory: string): string => join(directory, "settings.json")

/** None where nothing was decided yet, or by a program too old or too new. */
export const read = (directory: string): Effect.Effect<Option.Option<Settings>> =>
  Effect.map(Effect.promise(() => readFile(pathIn(directory), "utf8").catch(() => "")), decode)

export const write = (directory: string, settings: Settings): Promise<void> =>
  writeFile(pathIn(directory), `${JSON.stringify(settings, null, 2)}\n`)
