import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { stat } from "node:fs/promises"
import { resolve } from "node:path"
import * as stdio from "../output/stdio.ts"

const isDirectory = (path: string) =>
  Effect.promise(() => stat(path).then((status) => status.isDirectory(), () => false))

/** Where the original's files went; a run of another machine's has no such place here. */
export const place = Effect.fnUntraced(function*({ cwd }: { readonly cwd: string }, outputDir: Option.Option<string>) {
  if (Option.isSome(outputDir)) return resolve(outputDir.value)
  if (yield* isDirectory(cwd)) return cwd
  yield* stdio.say(`${cwd} is not here: what it makes is written to ${process.cwd()}.`)
  return process.cwd()
})
