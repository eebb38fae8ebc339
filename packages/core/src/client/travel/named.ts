/** What arguments stand for: files, directories with all below them, and the directories that results go to. */
import * as Effect from "effect/Effect"
import { dirname, resolve } from "node:path"
import { InputRefused } from "../errors.ts"
import { type StatusOf, statusOf } from "./lookup.ts"
import { isSystem, isWithin, placeThere, refusal } from "./place.ts"
import type { Found, Reason } from "./Travelling.ts"
import { type Seen, walk } from "./walk.ts"

export interface Named {
  readonly files: ReadonlyArray<Found>
  /** Absolute, here. */
  readonly directories: ReadonlyArray<string>
  /** Not sent: the machine it runs on has its own. */
  readonly system: ReadonlyArray<{ readonly here: string; readonly reason: Reason }>
}

const nothing: Named = { files: [], directories: [], system: [] }

export const found = (cwd: string, { here, status }: Seen, reason: Reason): Found => ({
  here,
  there: placeThere(cwd, here),
  mode: status.mode & 0o777,
  size: status.size,
  reason
})

/** `--input=data.csv` names a file as much as `data.csv` does. */
export const candidates = (argument: string): ReadonlyArray<string> => {
  const equals = argument.indexOf("=")
  return equals > 0 ? [argument, argument.slice(equals + 1)] : [argument]
}

/** `out/result.json` is to be written where `out/` is here. */
const parentOf = Effect.fnUntraced(function*(cwd: string, path: string, look: StatusOf) {
  const parent = dirname(path)
  if (parent === cwd) return nothing
  const status = yield* Effect.promise(() => look(parent))
  return status?.isDirectory() === true ? { ...nothing, directories: [parent] } : nothing
})

/** What a word stands for when it is the name of something here. */
export const namedBy = Effect.fnUntraced(function*(
  cwd: string,
  word: string,
  reason: Reason,
  look: StatusOf = statusOf
) {
  if (word === "" || word.includes("\0")) return nothing
  const path = resolve(cwd, word)
  if (!isWithin(cwd, path) && isSystem(path)) return { ...nothing, system: [{ here: path, reason }] }
  const status = yield* Effect.promise(() => look(path))
  if (status === null) return yield* parentOf(cwd, path, look)
  const refused = refusal(path)
  if (refused !== null && (status.isDirectory() || refused === "keys")) {
    return yield* new InputRefused({ path: word, reason: refused })
  }
  if (status.isDirectory()) {
    const below = yield* Effect.tryPromise({
      try: () => walk(path),
      catch: () => new InputRefused({ path: word, reason: "unreadable" })
    })
    return { ...nothing, files: below.files.map((seen) => found(cwd, seen, reason)), directories: below.directories }
  }
  if (!status.isFile()) return yield* new InputRefused({ path: word, reason: "special" })
  return { ...nothing, files: [found(cwd, { here: path, status }, reason)] }
})

export const argued = (cwd: string, args: ReadonlyArray<string>, look: StatusOf = statusOf) =>
  Effect.forEach(
    args.flatMap((argument) => candidates(argument).map((word) => ({ argument, word }))),
    ({ argument, word }) => namedBy(cwd, word, { _tag: "Argument", argument }, look)
  )
