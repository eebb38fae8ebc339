/** In which respects two runs differ, and how to see it. */
import { normalised, type Normaliser } from "./normalisers.ts"
import type { Tree } from "./snapshot.ts"

export interface Ran {
  readonly exit: string
  readonly stdout: Buffer
  readonly stderr: Buffer
  readonly tree: Tree
}

export const aspects = ["exit", "stdout", "stderr", "names", "bytes", "modes", "mtimes"] as const
export type Aspect = (typeof aspects)[number]
export type Differences = ReadonlyMap<Aspect, string>

const shown = (line: string | undefined): string => line === undefined ? "(nothing)" : JSON.stringify(line.slice(0, 160))

const firstLine = (here: Buffer, there: Buffer): string => {
  const [a, b] = [here.toString().split("\n"), there.toString().split("\n")]
  const at = a.findIndex((line, index) => line !== b[index])
  const index = at === -1 ? a.length : at
  return `line ${index + 1}: ${shown(a[index])} here, ${shown(b[index])} there`
}

const listed = (names: ReadonlyArray<string>): string =>
  names.slice(0, 4).join(", ") + (names.length > 4 ? ` and ${names.length - 4} more` : "")

const namesDiffer = (here: Tree, there: Tree): string => {
  const missing = [...here.keys()].filter((name) => !there.has(name))
  const extra = [...there.keys()].filter((name) => !here.has(name))
  const say = (what: string, names: ReadonlyArray<string>) => names.length === 0 ? [] : [`${what} ${listed(names)}`]
  return [...say("missing", missing), ...say("too many", extra)].join("; ")
}

const entriesDiffer = (here: Tree, there: Tree, look: (tree: Tree, name: string) => string): string =>
  listed(
    [...here.keys()]
      .filter((name) => there.has(name) && look(here, name) !== look(there, name))
      .map((name) => `${name} ${look(here, name).slice(0, 40)} here, ${look(there, name).slice(0, 40)} there`)
  )

const streamsDiffer = (here: Buffer, there: Buffer, by: Normaliser | undefined): string => {
  const [a, b] = [normalised(here, by), normalised(there, by)]
  return a.equals(b) ? "" : firstLine(a, b)
}

export const differences = (here: Ran, there: Ran, by?: Normaliser): Differences => {
  const found: Record<Aspect, string> = {
    exit: here.exit === there.exit ? "" : `${here.exit} here, ${there.exit} there`,
    stdout: streamsDiffer(here.stdout, there.stdout, by),
    stderr: streamsDiffer(here.stderr, there.stderr, by),
    names: namesDiffer(here.tree, there.tree),
    bytes: entriesDiffer(here.tree, there.tree, (tree, name) => `${tree.get(name)!.kind} ${tree.get(name)!.content}`),
    modes: entriesDiffer(here.tree, there.tree, (tree, name) => tree.get(name)!.mode),
    mtimes: entriesDiffer(here.tree, there.tree, (tree, name) => tree.get(name)!.written)
  }
  return new Map(aspects.flatMap((aspect) => found[aspect] === "" ? [] : [[aspect, found[aspect]] as const]))
}
