/** Why an execution did not complete. Data, not sentences: the words are made where people read them. */
import * as Schema from "effect/Schema"
import { Cause } from "./causes/Cause.ts"

/** What a script's end is known by beside its code: absent where nothing was said, or an older runner settled it. */
const told = {
  cause: Schema.optionalKey(Cause),
  /** The last lines it wrote to stderr, masked. */
  tail: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(2048)))
}

/** The script ended itself with a status other than 0. */
export const ScriptExited = Schema.TaggedStruct("ScriptExited", { code: Schema.Int, ...told })
/** A signal ended the script: its own doing, or another process of it. */
export const ScriptSignaled = Schema.TaggedStruct("ScriptSignaled", { signal: Schema.Int, ...told })
/** The kernel killed a process of the script for memory. Sizes in bytes, `null` where the machine can't tell. */
export const OutOfMemory = Schema.TaggedStruct("OutOfMemory", {
  limitBytes: Schema.NullOr(Schema.Int),
  peakBytes: Schema.NullOr(Schema.Int)
})
/** The time allowed was over. */
export const TimedOut = Schema.TaggedStruct("TimedOut", { seconds: Schema.Finite })
export const Canceled = Schema.TaggedStruct("Canceled", {})
/** The program that should run the script is not in the runtime. */
export const InterpreterMissing = Schema.TaggedStruct("InterpreterMissing", {
  program: Schema.String,
  code: Schema.String,
  runtime: Schema.String
})
export const ImageMissing = Schema.TaggedStruct("ImageMissing", { image: Schema.String, detail: Schema.String })
/** An input can't stand at its own path where the script runs: that place is the image's, or another machine's. */
export const InputUnplaceable = Schema.TaggedStruct("InputUnplaceable", { path: Schema.String })
/** The grid lost every attempt it was allowed: workers died, disks filled, the engine went away. */
export const AttemptsLost = Schema.TaggedStruct("AttemptsLost", { attempts: Schema.Int, detail: Schema.String })
/** The client began and never finished sending files. */
export const UploadExpired = Schema.TaggedStruct("UploadExpired", {})

/** What the script needs could not be installed. */
export const DependenciesFailed = Schema.TaggedStruct("DependenciesFailed", {
  /** Where they are declared: `requirements.txt`. */
  declared: Schema.String,
  /** `timeout`: the installing took longer than it may. */
  reason: Schema.Literals(["refused", "timeout"]),
  /** The last lines of the program that installs. */
  tail: Schema.String.check(Schema.isMaxLength(4096))
})
/** Its batch came to an end before its turn: by its `halt`, or because no item's dependencies can be installed. */
export const Halted = Schema.TaggedStruct("Halted", { by: Schema.Literals(["halt", "dependencies"]) })

export const Failure = Schema.Union([
  ScriptExited,
  ScriptSignaled,
  OutOfMemory,
  TimedOut,
  Canceled,
  InterpreterMissing,
  ImageMissing,
  InputUnplaceable,
  AttemptsLost,
  UploadExpired,
  DependenciesFailed,
  Halted
]).annotate({ identifier: "Failure" })
export type Failure = typeof Failure.Type
