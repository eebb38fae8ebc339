/** The file that `--requirements` names, by its name. */
import * as Effect from "effect/Effect"
import { dirname } from "node:path"
import { Declared, type Place } from "./Declared.ts"
import type { Installing } from "./Installing.ts"
import type { Refusal } from "./local.ts"
import { packageIn } from "./node.ts"
import { locks, otherLocks } from "./nodeLocks.ts"
import { pyproject, uvLock } from "./pyproject.ts"
import { requirements } from "./requirements.ts"
import { scriptBlock } from "./scriptBlock.ts"

/** Formats that are none of these, and would be read as a list of odd packages. */
const others = [...otherLocks, "Pipfile", "Pipfile.lock", "poetry.lock", "pdm.lock", "pylock.toml", "setup.cfg"]

const isOther = (name: string): boolean => others.includes(name) || /\.(?:ya?ml|json|toml|lock)$/.test(name)

const isOfNode = (name: string): boolean => name === "package.json" || locks.some((lock) => lock.name === name)

const read = Effect.fnUntraced(function*(place: Place, here: string, name: string): Effect.fn.Return<Installing | null, Refusal> {
  if (name === "uv.lock") return yield* uvLock(place, dirname(here))
  if (name === "pyproject.toml") return yield* pyproject(place, here)
  if (isOfNode(name)) return yield* packageIn(place, dirname(here))
  if (/\.pyw?$/.test(name)) return yield* scriptBlock(place, here, (yield* new Declared(place, here).read(here, true)) ?? "")
  return isOther(name) ? null : yield* requirements(place, here)
})

/** Fails where there is nothing to be read: it was asked for. */
export const named = Effect.fnUntraced(function*(place: Place, here: string, name: string): Effect.fn.Return<Installing, Refusal> {
  const declared = new Declared(place, here)
  if (place.disk.kind(here) !== "file") return yield* declared.missing(here, null)
  return (yield* read(place, here, name)) ?? (yield* declared.refuse(here, "unknown", ""))
})
