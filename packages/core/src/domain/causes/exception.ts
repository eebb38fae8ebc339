/** Any other exception that nothing caught. */
import type { Cause } from "./Cause.ts"
import { line, type Words } from "./words.ts"

export const exception = ({ thrown }: Words): Cause | null =>
  thrown === null ? null : {
    _tag: "UncaughtException",
    root: line(thrown.root),
    type: line(thrown.type),
    message: line(thrown.message),
    file: thrown.file === null ? null : line(thrown.file),
    line: thrown.line
  }
