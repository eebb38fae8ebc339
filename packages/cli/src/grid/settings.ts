/** What the last start of the grid decided, so that later commands can tell of it. */
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"

export const Settings = Schema.Struct({
  sandbox: Schema.Struct({ kind: Schema.Literals(["docker", "process"]), because: Schema.NullOr(Schema.String) })
})
export type Settings = typeof Settings.Type

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Settings))

const pathIn = (directory: string): string => join(directory, "settings.json")

/** None where nothing was decided yet, or by a program too old or too new. */
export const read = (directory: string): Effect.Effect<Option.Option<Settings>> =>
  Effect.map(Effect.promise(() => readFile(pathIn(directory), "utf8").catch(() => "")), decode)

export const write = (directory: string, settings: Settings): Promise<void> =>
  writeFile(pathIn(directory), `${JSON.stringify(settings, null, 2)}\n`)
