/** One script, what lies beside it, and the line that runs it. */
import type { Normaliser } from "./normalisers.ts"

/** Files of a package that others published; fetched when needed, never kept in this repository. */
export interface Fetched {
  readonly kind: "deb" | "npm" | "pypi"
  readonly name: string
  readonly version: string
  /** Paths in the package; each lands in the directory under its last name. */
  readonly paths: ReadonlyArray<string>
}

export interface Case {
  readonly name: string
  /** As typed here; for the grid `python3.11`, `node` and `bash` before a script become `rgrid run`. */
  readonly line: string
  /** What is copied from scripts/ into the directory; default: the files of scripts/ that `line` names. */
  readonly files?: ReadonlyArray<string>
  readonly fetched?: Fetched
  /** Shell that makes the inputs. */
  readonly setup?: string
  /** What one adds to `rgrid run` to say the same, like `--env NAME`. */
  readonly flags?: string
  readonly env?: Readonly<Record<string, string>>
  readonly normalise?: Normaliser
  /** Why the two can't be compared; the script isn't run then. */
  readonly incomparable?: string
}

/** A case from scripts/ that needs no more than its line. */
export const ours = (name: string, line: string, more: Partial<Case> = {}): Case => ({ name, line, ...more })
