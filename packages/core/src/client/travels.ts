/** Which files an argument stands for, and what is refused. */
import * as Effect from "effect/Effect"
import { readdir, stat } from "node:fs/promises"
import { homedir } from "node:os"
import { isAbsolute, join, relative, resolve, sep } from "node:path"
import { InputRefused } from "./errors.ts"

/** A file here and the path it will have there: relative inside the working directory, absolute outside it. */
export interface Found {
  readonly here: string
  readonly there: string
  readonly mode: number
}

export interface Travelling {
  readonly files: ReadonlyArray<Found>
  readonly directories: ReadonlyArray<string>
}

/** Directories below a home that hold keys: never sent, whatever is named (FR14). */
const keyStores = [".ssh", ".aws", ".gnupg", ".kube", ".docker", ".azure", ".config/gcloud", ".rgrid"]

/** Where a path here stands there. */
export const placeThere = (cwd: string, here: string): string => {
  const inside = relative(cwd, here)
  const outside = inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside)
  return (outside ? here : inside).split(sep).join("/")
}

const refusal = (path: string, cwd: string): InputRefused["reason"] | null => {
  const home = homedir()
  if (path === resolve("/")) return "root"
  if (path === home && cwd !== home) return "home"
  return keyStores.some((store) => `${path}${sep}`.startsWith(join(home, store) + sep)) ? "keys" : null
}

const walk = async (cwd: string, directory: string): Promise<Travelling> => {
  const found: Array<Found> = []
  const directories = [placeThere(cwd, directory)]
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const here = join(directory, entry.name)
    if (entry.isDirectory()) {
      const below = await walk(cwd, here)
      found.push(...below.files)
      directories.push(...below.directories)
    } else {
      // A link is sent as what it points to, as a script that opens it would read it; a dangling one is not there.
      const target = await stat(here).catch(() => null)
      if (target?.isFile()) found.push({ here, there: placeThere(cwd, here), mode: target.mode & 0o777 })
    }
  }
  return { files: found, directories: directories.filter((path) => path !== "") }
}

const nothing: Travelling = { files: [], directories: [] }

/** `--input=data.csv` names a file as much as `data.csv` does. */
const candidates = (argument: string): ReadonlyArray<string> => {
  const equals = argument.indexOf("=")
  return equals > 0 ? [argument, argument.slice(equals + 1)] : [argument]
}

/** `out/result.json` is not there yet: the directory it will be made in is. */
const parentOf = async (cwd: string, path: string): Promise<Travelling> => {
  const parent = resolve(path, "..")
  const there = placeThere(cwd, parent)
  const exists = await stat(parent).then((status) => status.isDirectory(), () => false)
  return exists && there !== "" ? { files: [], directories: [there] } : nothing
}

const named = Effect.fnUntraced(function*(cwd: string, argument: string) {
  if (argument === "" || argument.includes("\0")) return nothing
  const path = resolve(cwd, argument)
  const status = yield* Effect.promise(() => stat(path).catch(() => null))
  if (status === null) return yield* Effect.promise(() => parentOf(cwd, path))
  const reason = refusal(path, cwd)
  if (reason !== null && (status.isDirectory() || reason === "keys")) {
    return yield* new InputRefused({ path: argument, reason })
  }
  if (status.isDirectory()) {
    return yield* Effect.tryPromise({
      try: () => walk(cwd, path),
      catch: () => new InputRefused({ path: argument, reason: "unreadable" })
    })
  }
  if (!status.isFile()) return yield* new InputRefused({ path: argument, reason: "special" })
  return { files: [{ here: path, there: placeThere(cwd, path), mode: status.mode & 0o777 }], directories: [] }
})

/** Everything the arguments name, each file once. */
export const travels = Effect.fnUntraced(function*(cwd: string, args: ReadonlyArray<string>) {
  const all = yield* Effect.forEach(args.flatMap(candidates), (argument) => named(cwd, argument))
  const files = new Map(all.flatMap((one) => one.files).map((file) => [file.there, file]))
  return { files: [...files.values()], directories: [...new Set(all.flatMap((one) => one.directories))] }
})
