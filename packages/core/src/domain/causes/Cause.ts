/** What a script's own last words tell about its end. Data, not sentences: the words are made where people read them. */
import * as Schema from "effect/Schema"

/** As much of one line as is kept. */
export const longestLine = 300

/** One line of what the script said. */
const Line = Schema.String.check(Schema.isMaxLength(longestLine))
const root = Line

const Language = Schema.Literals(["python", "node"])

export const ModuleMissing = Schema.TaggedStruct("ModuleMissing", {
  root,
  language: Language,
  module: Line,
  /** What brings the module; null when it is a file of the script's own. */
  package: Schema.NullOr(Line),
  /** A file that travelled and was probably meant. */
  nearest: Schema.NullOr(Line)
})
export const FileMissing = Schema.TaggedStruct("FileMissing", { root, path: Line, nearest: Schema.NullOr(Line) })
export const SyntaxInvalid = Schema.TaggedStruct("SyntaxInvalid", {
  root,
  file: Schema.NullOr(Line),
  line: Schema.NullOr(Schema.Int),
  message: Line
})
export const PermissionDenied = Schema.TaggedStruct("PermissionDenied", {
  root,
  path: Schema.NullOr(Line),
  reason: Schema.Literals(["denied", "readOnly", "notExecutable"])
})
export const DiskFull = Schema.TaggedStruct("DiskFull", { root })
/** The interpreter's own limit or a refused allocation: the kernel killed nothing. */
export const HeapExhausted = Schema.TaggedStruct("HeapExhausted", {
  root,
  language: Language,
  /** What the job was allowed; null: as the grid has it. */
  limitBytes: Schema.NullOr(Schema.Int)
})
export const CommandMissing = Schema.TaggedStruct("CommandMissing", { root, command: Line })
export const NetworkFailed = Schema.TaggedStruct("NetworkFailed", {
  root,
  reason: Schema.Literals(["name", "refused", "unreachable", "timeout"]),
  host: Schema.NullOr(Line),
  /** The job asked for no network. */
  blocked: Schema.Boolean
})
export const UncaughtException = Schema.TaggedStruct("UncaughtException", {
  root,
  type: Line,
  message: Line,
  file: Schema.NullOr(Line),
  line: Schema.NullOr(Schema.Int)
})

export const Cause = Schema.Union([
  ModuleMissing,
  FileMissing,
  SyntaxInvalid,
  PermissionDenied,
  DiskFull,
  HeapExhausted,
  CommandMissing,
  NetworkFailed,
  UncaughtException
]).annotate({ identifier: "Cause" })
export type Cause = typeof Cause.Type
