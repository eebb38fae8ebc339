/** What `--include` names: a path as it is, or a pattern. */
import * as Effect from "effect/Effect"
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { IncludeUnmatched, InputRefused } from "../errors.ts"
import { found, namedBy } from "./named.ts"
import { baseOf, matching } from "./pattern.ts"
import { refusal } from "./place.ts"

const byPattern = Effect.fnUntraced(function*(cwd: string, pattern: string) {
  if (pattern === "") return yield* new IncludeUnmatched({ pattern })
  const base = yield* Effect.promise(() => baseOf(cwd, pattern))
  const refused = base === cwd ? null : refusal(base)
  if (refused !== null) return yield* new InputRefused({ path: pattern, reason: refused })
  const { files } = yield* Effect.promise(() => matching(cwd, pattern))
  if (files.length === 0) return yield* new IncludeUnmatched({ pattern })
  return { files: files.map((seen) => found(cwd, seen, { _tag: "Include", pattern })), directories: [], system: [] }
})

export const included = (cwd: string, patterns: ReadonlyArray<string>) =>
  Effect.forEach(patterns, (pattern) =>
    pattern !== "" && existsSync(resolve(cwd, pattern))
      ? namedBy(cwd, pattern, { _tag: "Include", pattern })
      : byPattern(cwd, pattern))
