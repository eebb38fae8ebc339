/** A failed script's error at its file and line of the repository. */
import * as core from "@actions/core"
import { realpathSync, statSync } from "node:fs"
import { isAbsolute, relative, resolve, sep } from "node:path"
import { isLibrary } from "rgrid/domain/causes/libraries"
import { nodeError } from "rgrid/domain/causes/nodeError"
import { pythonError } from "rgrid/domain/causes/pythonError"
import type { Failure } from "rgrid/domain/Failure"
import { explainFailure } from "./errors.ts"
import type { Failed, Outcome } from "./Outcome.ts"

export interface Annotation {
  readonly title: string
  readonly message: string
  /** Relative to the workspace. */
  readonly file?: string
  readonly line?: number
}

/** GitHub shows ten of a step; one is the step's own. */
const most = 9

interface Place {
  readonly file: string
  readonly line: number | null
}

const ofCause = (failure: Failure): Place | null => {
  const cause = "cause" in failure ? failure.cause : undefined
  return cause !== undefined && "file" in cause && cause.file !== null ? { file: cause.file, line: cause.line } : null
}

const ofTrace = (stderr: string): Place | null => {
  const lines = stderr.split(/\r?\n/)
  const thrown = pythonError(lines) ?? nodeError(lines)
  return thrown === null || thrown.file === null ? null : { file: thrown.file, line: thrown.line }
}

export interface Directories {
  readonly workspace: string
  readonly cwd: string
}

const fileInside = (path: string, workspace: string): string | null => {
  try {
    const inside = relative(realpathSync(workspace), realpathSync(path))
    const isInside = inside !== "" && !isAbsolute(inside) && !/^\.\.(?:[/\\]|$)|(?:^|[/\\])\.git[/\\]/.test(inside)
    return isInside && statSync(path).isFile() ? inside.split(sep).join("/") : null
  } catch {
    return null
  }
}

/** More names than a path in a repository has. */
const deepest = 32

/**
 * Null for what is no file of the repository. Without containers a script runs in another directory than here: its end is
 * the same.
 */
export const inWorkspace = (file: string, { cwd, workspace }: Directories): string | null => {
  const itself = fileInside(resolve(cwd, file), workspace)
  if (itself !== null || isLibrary(file)) return itself
  const names = file.split(/[/\\]/).filter((name) => name !== "").slice(-deepest)
  const ends = names.map((_, index) => names.slice(index).join("/"))
  return ends.map((end) => fileInside(resolve(cwd, end), workspace)).find((found) => found !== null) ?? null
}

const annotation = ({ count, failure, item, stderr }: Failed, script: string, directories: Directories): Annotation => {
  const { fix, what, why } = explainFailure(failure)
  const whom = item === null ? "" : count === 1 ? `${item}: ` : `${count} items, such as ${item}: `
  const place = ofTrace(stderr) ?? ofCause(failure)
  const file = place === null ? null : inWorkspace(place.file, directories)
  // Where it stands is where it tells to look.
  const words = [why || what, file === null || !fix.startsWith("Look at ") ? fix : ""].filter((text) => text !== "")
  const said = { title: `${script} failed`, message: `${whom}${words.join("\n")}` }
  if (file !== null) return { ...said, file, ...(place!.line === null ? {} : { line: place!.line }) }
  const itself = inWorkspace(script, directories)
  return itself === null ? said : { ...said, file: itself }
}

export const annotationsOf = (
  { causes }: Pick<Outcome, "causes">,
  script: string,
  directories: Directories
): ReadonlyArray<Annotation> => causes.slice(0, most).map((cause) => annotation(cause, script, directories))

/** Of a failure that does not count they are warnings. */
export const annotate = (annotations: ReadonlyArray<Annotation>, fails: boolean): void => {
  for (const { file, line, message, title } of annotations) {
    const properties = { title, ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { startLine: line }) }
    if (fails) core.error(message, properties)
    else core.warning(message, properties)
  }
}
