/** What is installed before a script starts, and what of its declaration is not. */
import type { DependencyKind } from "../../domain/JobSpec.ts"

/** A file that the installing sees, at a path of its own: a text, or bytes that are here. */
export type InstallFile =
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly here: string }

export interface Wanted {
  readonly kind: DependencyKind
  /** Where it is declared, relative to the working directory. */
  readonly declared: string
  /** How many are named there. */
  readonly packages: number
  /** The declaration first. */
  readonly files: ReadonlyArray<InstallFile>
  /** Directory that gets the `node_modules`, as the working directory sees it. */
  readonly root?: string
}

/** Why something that is declared is not installed, or is not sent to where it is. */
export type NotInstalled =
  /** A directory of one's own: it travels as what is imported. */
  | "local"
  /** The same, and nothing tells what it needs itself without running it. */
  | "localUnread"
  | "noLock"
  /** There is a lock, of a program that is not known here. */
  | "otherLock"
  /** A file of settings that may hold tokens. */
  | "settings"
  /** `dynamic`, or in a form of one tool only. */
  | "unread"

export interface Remark {
  readonly what: string
  readonly why: NotInstalled
  /** The declaration. */
  readonly from: string
}

export interface Installing {
  /** Null: nothing is installed. */
  readonly wanted: Wanted | null
  readonly remarks: ReadonlyArray<Remark>
}

export const nothing: Installing = { wanted: null, remarks: [] }
