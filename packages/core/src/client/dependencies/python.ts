/** Where a Python script says what it needs: in itself, else in the nearest of its directories. */
import * as Effect from "effect/Effect"
import { join } from "node:path"
import type { Place } from "./Declared.ts"
import { type Installing, nothing, type Remark } from "./Installing.ts"
import type { Refusal } from "./local.ts"
import { pyproject, uvLock } from "./pyproject.ts"
import { requirements } from "./requirements.ts"
import { scriptBlock } from "./scriptBlock.ts"

/** The first that declares anything, even that nothing is needed. */
const inDirectory = Effect.fnUntraced(function*(
  place: Place,
  directory: string
): Effect.fn.Return<Installing | null, Refusal> {
  const lock = yield* uvLock(place, directory)
  if (lock !== null) return lock
  const list = join(directory, "requirements.txt")
  return place.disk.kind(list) === "file" ? yield* requirements(place, list) : yield* pyproject(place, join(directory, "pyproject.toml"))
})

export const ofPython = Effect.fnUntraced(function*(
  place: Place,
  script: string,
  source: string,
  directories: ReadonlyArray<string>
): Effect.fn.Return<Installing, Refusal> {
  const block = yield* scriptBlock(place, script, source)
  if (block !== null) return block
  const remarks: Array<Remark> = []
  for (const directory of directories) {
    const found = yield* inDirectory(place, directory)
    // What can't be read decides nothing: a list further up may be what it was made from.
    if (found !== null && (found.wanted !== null || !found.remarks.some(({ why }) => why === "unread"))) {
      return { ...found, remarks: [...remarks, ...found.remarks] }
    }
    remarks.push(...found?.remarks ?? [])
  }
  return { ...nothing, remarks }
})
