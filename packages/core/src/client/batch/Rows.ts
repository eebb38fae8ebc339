/** A table of texts. */

export interface Rows {
  readonly columns: ReadonlyArray<string>
  /** Each as long as `columns`. */
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
}

/** What is wrong with a table, and where. `line` counts from 1. */
export interface Malformed {
  readonly line: number
  readonly detail: string
}
