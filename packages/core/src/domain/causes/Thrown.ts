/** An exception that nothing in the script caught. */
export interface Thrown {
  readonly language: "python" | "node"
  readonly type: string
  /** Its first line. */
  readonly message: string
  readonly root: string
  readonly file: string | null
  readonly line: number | null
  /** The error's line and what follows it, such as an inner cause. */
  readonly rest: ReadonlyArray<string>
}
