/**
 * Where a result may be written. Pure, and the server is not asked: inside the working directory, or outside it where
 * the caller's own arguments pointed (docs/decisions/0010-results-outside.md).
 */
import { createHash } from "node:crypto"
import { homedir } from "node:os"
import { posix } from "node:path"
import { isCleanAbsolutePath, isWorkspacePath, type JobSpec, type Sha256 } from "../../domain/JobSpec.ts"

/** A directory outside the working directory, in which results may appear. */
interface Root {
  readonly path: string
  /** It was named itself: as the working directory, it may get files whose names begin with a dot. */
  readonly named: boolean
}

/** What a caller sent and named: what follows for results. */
export interface Staged {
  readonly cwd: string
  /** Files, by their path there. */
  readonly inputs: ReadonlyMap<string, Sha256>
  /** Absolute paths of arguments, sent or not there yet. */
  readonly typed: ReadonlySet<string>
  readonly roots: ReadonlyArray<Root>
}

/** A directory that is there already, and the names below it that lead to the result. */
export interface Spot {
  readonly root: string
  readonly names: ReadonlyArray<string>
}

/** Below a directory that is not the one the run was made in, what stood outside gets this in front of its path. */
export const outsideFolder = "rgrid-outside"

/** Names that other programs run or trust: a result that could be code is never placed there. */
const guarded = new Set([".git", ".rgrid"])

/** A name of an unfinished download. */
export const partialName = (sha256: string, mark = ""): string => `.rgrid-${sha256}${mark}.part`

/** Trees of the system. Nothing is staged there, and nothing comes back to there. */
const systems = [
  "/etc", "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/boot", "/dev", "/proc", "/sys", "/run",
  "/var/run", "/var/lib", "/var/spool", "/private/etc", "/private/var/db", "/System", "/Library", "/Applications"
]

/** Where so much else lives that only what was named itself may appear. */
const crowded = ["/", "/home", "/Users", "/root", "/var", "/opt", "/private"]

const isWithin = (path: string, tree: string): boolean =>
  path === tree || path.startsWith(tree === "/" ? "/" : `${tree}/`)

const isCrowded = (path: string): boolean => crowded.includes(path) || isWithin(homedir(), path)

/** `--output=../result.json` names a path as much as `../result.json` does. */
const namedBy = (argument: string): ReadonlyArray<string> => {
  const equals = argument.indexOf("=")
  return equals > 0 ? [argument, argument.slice(equals + 1)] : [argument]
}

const isPath = (text: string): boolean => text !== "" && !text.includes("\0")

/** Read from the job alone, before anything comes back. */
export const stagedBy = ({ args, cwd, directories, files }: JobSpec): Staged => {
  const at = (path: string) => posix.resolve(cwd, path)
  const sent = new Set(files.map(({ path }) => at(path)))
  const staged = new Set(directories.map(at))
  const outside = (path: string) => !isWithin(path, cwd)
  const arguments_ = args.flatMap(namedBy).filter(isPath).map(at).filter(outside)
  const named = arguments_.filter((path) => staged.has(path))
  // An argument that only looks like a path has no directory that was staged for it.
  const typed = arguments_.filter((path) => sent.has(path) || staged.has(path) || staged.has(posix.dirname(path)))
  const beside = [
    ...typed.filter((path) => !staged.has(path)).map((path) => posix.dirname(path)),
    ...directories.map(at)
  ].filter(outside)
  const roots = (paths: ReadonlyArray<string>, isNamed: boolean) =>
    [...new Set(paths)].filter((path) => !isCrowded(path)).map((path): Root => ({ path, named: isNamed }))
  return {
    cwd,
    inputs: new Map(files.map(({ content, path }) => [path, content.sha256])),
    typed: new Set(typed.filter((path) => !isCrowded(path))),
    roots: [...roots(named, true), ...roots(beside, false)]
  }
}

const isPartial = (name: string): boolean => /^\.rgrid-[0-9a-f]{64}.*\.part$/i.test(name)

const refusalOfNames = (path: string): string | null => {
  const isName = isWorkspacePath(path) || (path !== "/" && isCleanAbsolutePath(path))
  if (!isName || (process.platform === "win32" && path.includes("\\"))) {
    return "its path leads out of the directory"
  }
  const names = path.split("/").map((name) => name.toLowerCase().replace(/[. ]+$/, ""))
  const hit = names.find((name) => guarded.has(name) || isPartial(name))
  return hit === undefined ? null : `results are never written into ${hit}`
}

const spotIn = (root: string, path: string): Spot => ({ root, names: posix.relative(root, path).split("/") })

const isHidden = ({ names }: Spot): boolean => names.some((name) => name.startsWith("."))

const outsideSpot = ({ cwd, inputs, roots, typed }: Staged, path: string): Spot | string => {
  if (isWithin(path, cwd) || systems.some((tree) => isWithin(path, tree))) return "results are never written there"
  if (inputs.has(path) || typed.has(path)) return spotIn(posix.dirname(path), path)
  const above = [...typed].find((name) => isWithin(path, name) && !inputs.has(name))
  const spots = [
    ...roots.filter((root) => root.path !== path && isWithin(path, root.path))
      .map((root) => ({ named: root.named, spot: spotIn(root.path, path) })),
    ...(above === undefined ? [] : [{ named: false, spot: spotIn(posix.dirname(above), path) }])
  ]
  const [first] = spots
  if (first === undefined) return "no argument named its directory"
  return spots.find(({ named, spot }) => named || !isHidden(spot))?.spot ?? "its name begins with a dot"
}

/** Where results of one among many go: below a directory of that name, or beside all others' with it in front. */
export interface Below {
  readonly name: string
  readonly flat: boolean
}

/** Most bytes of a name on common disks, less what `.rgrid-2` takes. */
const longestName = 240

/** Its end tells what a file is, so the middle goes. */
const fittingName = (name: string): string => {
  if (Buffer.byteLength(name) <= longestName) return name
  const mark = createHash("sha256").update(name).digest("hex").slice(0, 16)
  const letters = [...name]
  // A letter is four bytes at most.
  return `${letters.slice(0, 25).join("")}-${mark}-${letters.slice(-25).join("")}`
}

const spotBelow = (directory: string, { flat, name }: Below, path: string): Spot | string => {
  if (name.includes("/") || refusalOfNames(name) !== null) return "its item has no name that a directory can have"
  const inner = path.startsWith("/") ? [outsideFolder, ...path.slice(1).split("/")] : path.split("/")
  const names = flat ? [fittingName(`${name}_${inner.join("-")}`)] : [name, ...inner]
  return { root: directory, names }
}

/** Where a result goes, or why it goes nowhere. */
export const spotOf = (
  directory: string,
  { below, staged }: { readonly below?: Below; readonly staged?: Staged },
  path: string
): Spot | string => {
  const refusal = refusalOfNames(path)
  if (refusal !== null) return refusal
  if (below !== undefined) return spotBelow(directory, below, path)
  if (!path.startsWith("/")) return { root: directory, names: path.split("/") }
  return staged === undefined
    ? { root: directory, names: [outsideFolder, ...path.slice(1).split("/")] }
    : outsideSpot(staged, path)
}
