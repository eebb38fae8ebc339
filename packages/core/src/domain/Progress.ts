/** How far an attempt is before its script starts. Told to whoever watches, kept nowhere: one may be missed. */
import * as Schema from "effect/Schema"
import { ByteCount, Text } from "./JobSpec.ts"

export const Progress = Schema.Struct({
  /** `starting`: the image is there, the script comes next. */
  phase: Schema.Literals(["pulling", "starting"]),
  image: Text.check(Schema.isMaxLength(512)),
  doneBytes: ByteCount,
  /** As far as is known; grows while the image's layers become known. */
  totalBytes: ByteCount
})
export type Progress = typeof Progress.Type
