/** A batch's items as they were given, before the script's arguments are filled in. */

export interface Given {
  /** What stands for `{}`: a path as it was given or matched, a value, a line of a list. */
  readonly value: string
  /** Of a list with columns. */
  readonly columns?: ReadonlyMap<string, string>
}

export interface List {
  readonly items: ReadonlyArray<Given>
  /** Names of its columns, in their order; null for a list of lines. */
  readonly columns: ReadonlyArray<string> | null
}
