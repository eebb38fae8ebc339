/** How far an attempt is before its script starts. Told to whoever watches, kept nowhere: one may be missed. */
import * as Schema from "effect/Schema"
import { ByteCount, Text } from "./JobSpec.ts"

export const Progress = Schema.Struct({
  /** `installing`: the script's dependencies. `starting`: all is there, the script comes next. */
  phase: Schema.Literals(["pulling", "installing", "starting"]),
  image: Text.check(Schema.isMaxLength(512)),
  doneBytes: ByteCount,
  /** As far as is known; grows while the image's layers become known. */
  totalBytes: ByteCount,
  /** Of `installing`: where the dependencies are declared, as a person knows it. */
  declared: Schema.optionalKey(Text.check(Schema.isMaxLength(512))),
  /** Of `installing`: the newest line of the program that installs. */
  line: Schema.optionalKey(Text.check(Schema.isMaxLength(512)))
})
export type Progress = typeof Progress.Type
