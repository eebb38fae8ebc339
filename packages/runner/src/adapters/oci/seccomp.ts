/** The profile of slots as an OCI runtime has it: pure. */
import * as Schema from "effect/Schema"

const Rule = Schema.Struct({
  names: Schema.Array(Schema.String),
  action: Schema.String,
  errnoRet: Schema.optionalKey(Schema.Int),
  args: Schema.optionalKey(Schema.Array(Schema.Struct({
    index: Schema.Int,
    value: Schema.Int,
    valueTwo: Schema.optionalKey(Schema.Int),
    op: Schema.String
  })))
})

/** Only the comments are the engine's own. What is left out of here would be left out of the filter: nothing may be. */
const Profile = Schema.Struct({
  defaultAction: Schema.String,
  defaultErrnoRet: Schema.Int,
  syscalls: Schema.Array(Rule)
})

export type Seccomp = typeof Profile.Type

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Profile))

let last: { readonly text: string; readonly profile: Seccomp } | undefined

/** Throws where the text is no such profile. Without `architectures`, both are for the machine's own only. */
export const seccompOf = (text: string): Seccomp => {
  if (last?.text !== text) last = { text, profile: decode(text) }
  return last.profile
}
