/** In a git repository: offers to ignore what RGrid caches there. Its settings are for everybody, and stay. */
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { say } from "../output/stdio.ts"
import { canAsk, confirm } from "./ask.ts"

const cache = ".rgrid/cache"

interface Answer {
  readonly code: number | string | null
  readonly stdout: string
}

const git = (...args: ReadonlyArray<string>): Promise<Answer> =>
  new Promise((resolve) =>
    execFile("git", args, (error, stdout) => resolve({ code: error === null ? 0 : error.code ?? null, stdout }))
  )

/** The root of a repository that does not ignore the cache yet; null where there is none, or no git. */
const unignoring = async (): Promise<string | null> => {
  const top = await git("rev-parse", "--show-toplevel")
  if (top.code !== 0) return null
  const root = top.stdout.replace(/\n$/, "")
  const asked = await git("-C", root, "check-ignore", "-q", cache)
  return asked.code === 1 ? root : null
}

const append = async (path: string): Promise<void> => {
  const text = await readFile(path, "utf8").catch(() => "")
  await writeFile(path, `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${cache}\n`)
}

export const offerIgnore: Effect.Effect<void> = Effect.gen(function*() {
  if (!canAsk()) return
  const root = yield* Effect.promise(unignoring)
  if (root === null || !(yield* confirm(`Add ${cache} to .gitignore?`, true))) return
  const path = join(root, ".gitignore")
  const isAdded = yield* Effect.promise(() => append(path).then(() => true, () => false))
  yield* say(isAdded ? `✓ ${path} ignores ${cache}.` : `${path} can't be written; add ${cache} to it.`)
})
