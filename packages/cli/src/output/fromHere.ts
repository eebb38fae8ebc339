/** What this machine knows of a failure and the grid does not: names of files that did not travel. */
import * as Effect from "effect/Effect"
import { readdir } from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"
import type { Cause } from "rgrid/domain/causes/Cause"
import type { Failure } from "rgrid/domain/Failure"
import { nearest } from "rgrid/domain/nearest"

type FileMissing = Extract<Cause, { readonly _tag: "FileMissing" }>

/** A file that is here under this very name was only not sent; another's name is what was meant. */
const meantHere = (cause: FileMissing, cwd: string): Effect.Effect<string | null> =>
  Effect.promise(() => readdir(dirname(resolve(cwd, cause.path))).catch((): Array<string> => [])).pipe(
    Effect.map((names) => {
      const name = basename(cause.path)
      const meant = names.includes(name) ? null : nearest(name, names)
      return meant === null ? null : join(dirname(cause.path), meant)
    })
  )

/** The failure with the name that was probably meant, where only the caller's directory tells it. */
export const seenFromHere = (failure: Failure, cwd: string): Effect.Effect<Failure> => {
  if (failure._tag !== "ScriptExited" || failure.cause?._tag !== "FileMissing") return Effect.succeed(failure)
  const { cause } = failure
  if (cause.nearest !== null) return Effect.succeed(failure)
  return Effect.map(meantHere(cause, cwd), (nearest) => ({ ...failure, cause: { ...cause, nearest } }))
}
