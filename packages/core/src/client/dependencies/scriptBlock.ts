/** Inline metadata of a script (PEP 723). What is sent is the block alone: a change of the script installs nothing anew. */
import * as Effect from "effect/Effect"
import { dirname } from "node:path"
import { Declared, type Place } from "./Declared.ts"
import type { Installing } from "./Installing.ts"
import type { Refusal } from "./local.ts"
import { secretLine } from "./secrets.ts"
import { withoutLocal } from "./sources.ts"
import { type Table, tableAt, textsAt } from "./Table.ts"
import { parseToml, stringifyToml } from "./toml.ts"

/** As the specification has it. */
const blocks = /^# \/\/\/ ([a-zA-Z0-9-]+)$\s((?:^#(?:| .*)$\s)+)^# \/\/\/$/gm

interface Block {
  readonly toml: string
  /** The line of `# /// script`, from 1. */
  readonly line: number
}

const blocksIn = (source: string): ReadonlyArray<Block> => {
  const text = source.replace(/\r\n?/g, "\n")
  return [...text.matchAll(blocks)].filter(([, type]) => type === "script").map((match) => ({
    toml: match[2]!.replace(/^# ?/gm, ""),
    line: text.slice(0, match.index).split("\n").length
  }))
}

const blockOf = (toml: string): string => {
  const lines = toml.trimEnd().split("\n").map((line) => line === "" ? "#" : `# ${line}`)
  return ["# /// script", ...lines, "# ///", ""].join("\n")
}

/** The table with what can be installed elsewhere. */
const portable = Effect.fnUntraced(function*(declared: Declared, table: Table, toml: string, directory: string) {
  const given = textsAt(table, "dependencies") ?? []
  const uv = tableAt(table, "tool", "uv")
  const { dependencies, sources } = yield* withoutLocal(declared, given, uv, directory)
  const count = dependencies.length
  if (JSON.stringify([dependencies, sources]) === JSON.stringify([given, tableAt(uv, "sources")])) return { toml, count }
  const tool = { ...tableAt(table, "tool"), uv: { ...uv, sources } }
  return { toml: stringifyToml({ ...table, dependencies, tool }), count }
})

/** Null without a block. One without dependencies says that nothing is needed. */
export const scriptBlock = Effect.fnUntraced(function*(
  place: Place,
  here: string,
  source: string
): Effect.fn.Return<Installing | null, Refusal> {
  const declared = new Declared(place, here)
  const [block, second] = blocksIn(source)
  if (block === undefined) return null
  if (second !== undefined) return yield* declared.refuse(here, "malformed", "it is the second block", second.line)
  const secret = secretLine(block.toml, false)
  if (secret !== null) return yield* declared.refuse(here, "secret", secret.kind, block.line + secret.line)
  const table = yield* parseToml(declared, here, block.toml, block.line)
  const { count, toml } = yield* portable(declared, table, block.toml, dirname(here))
  declared.text("script.py", blockOf(toml))
  // Of `uv lock --script`.
  const lock = yield* declared.read(`${here}.lock`, true)
  if (lock !== null) declared.text("script.py.lock", lock)
  return declared.result({ kind: "script", packages: count })
})
