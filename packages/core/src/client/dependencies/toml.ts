/** TOML: read by `python.ts` and what it imports, which is loaded for Python only. */
import * as Effect from "effect/Effect"
import { parse, stringify, TomlError, type TomlTable } from "smol-toml"
import type { Declared } from "./Declared.ts"
import type { Table } from "./Table.ts"

/** `offset`: lines of the file before the text. */
export const parseToml = (declared: Declared, here: string, text: string, offset = 0) =>
  Effect.try({
    try: (): Table => parse(text),
    catch: (cause) => {
      const message = (cause as Error).message.split("\n", 1)[0]!.replace(/^Invalid TOML document: /, "")
      return declared.refuse(here, "malformed", message, cause instanceof TomlError ? cause.line + offset : null)
    }
  })

export const stringifyToml = (table: Table): string => stringify(table as TomlTable)
