/** What travels with a script, and why. */

export type Reason =
  | { readonly _tag: "Script" }
  | { readonly _tag: "Argument"; readonly argument: string }
  | { readonly _tag: "Include"; readonly pattern: string }
  /** `name` as the source `from` has it. */
  | { readonly _tag: "Import"; readonly name: string; readonly from: string }
  | { readonly _tag: "Literal"; readonly text: string; readonly from: string }

/** A file here and the path it will have there: relative inside the working directory, absolute outside it. */
export interface Found {
  readonly here: string
  readonly there: string
  readonly mode: number
  readonly size: number
  readonly reason: Reason
  /** Where its bytes are, when nothing stands at `here`. */
  readonly at?: string
  /** Its bytes, where they were read already. */
  readonly bytes?: Uint8Array
}

/** Why a file that a source seems to need stays here. */
export type Staying = "outside" | "hidden" | "ignored" | "large" | "key" | "special" | "unreadable" | "many" | "system"

export interface LeftOut {
  /** As `Found.there`; a directory where all its files stay. */
  readonly path: string
  readonly why: Staying
  readonly reason: Reason
}

export interface Travelling {
  readonly files: ReadonlyArray<Found>
  readonly directories: ReadonlyArray<string>
  readonly leftOut: ReadonlyArray<LeftOut>
}
