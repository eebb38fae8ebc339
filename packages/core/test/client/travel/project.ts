/** A directory made of a table of files, and what travels from it. */
import * as Effect from "effect/Effect"
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { placeThere } from "rgrid/client/travel/place"
import type { Found } from "rgrid/client/travel/Travelling"
import { travels } from "rgrid/client/travel/travels"
import { onTestFinished } from "vitest"

export type Tree = Readonly<Record<string, string | Uint8Array>>

/** Names that end in `/` are empty directories. */
export const project = (tree: Tree): string => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "rgrid-travel-")))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [name, content] of Object.entries(tree)) {
    const path = join(root, name)
    mkdirSync(name.endsWith("/") ? path : dirname(path), { recursive: true })
    if (name.endsWith("/")) continue
    writeFileSync(path, content)
    if (typeof content === "string" && content.startsWith("#!")) chmodSync(path, 0o755)
  }
  return root
}

export interface Options {
  readonly script?: string
  readonly args?: ReadonlyArray<string>
  readonly include?: ReadonlyArray<string>
}

export const journey = (cwd: string, { args = [], include = [], script = "main.py" }: Options = {}) => {
  const here = resolve(cwd, script)
  const status = statSync(here)
  const found: Found = {
    here,
    there: placeThere(cwd, here),
    mode: status.mode & 0o777,
    size: status.size,
    reason: { _tag: "Script" }
  }
  return travels({ cwd, script: found, args, include })
}

/** Paths that travel besides the script, those of directories with `/` at the end, and what stays with its reason. */
export const summary = (cwd: string, options: Options = {}) =>
  Effect.runPromise(journey(cwd, options).pipe(Effect.map(({ directories, files, leftOut }) => ({
    files: files.filter((file) => file.reason._tag !== "Script").map((file) => file.there).sort(),
    directories: [...directories].sort(),
    left: Object.fromEntries(leftOut.map(({ path, why }) => [path, why]))
  }))))
