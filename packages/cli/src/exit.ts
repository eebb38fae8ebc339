import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"

/** Ends the program with this code. Whatever there was to say has been said. */
export class Exit extends Schema.TaggedError<Exit>()("Exit", { code: Schema.Int }) {
  override readonly [Runtime.errorExitCode] = this.code
  override readonly [Runtime.errorReported] = false
}
