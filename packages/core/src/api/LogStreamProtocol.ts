/**
 * The WebSocket that reads a log (`/api/v1/executions/{id}/stream?attempt=N&offset=N`, bearer key).
 *
 * The server sends binary messages, the framed log (`domain/LogFrame.ts`) of one attempt from the asked position on, cut
 * anywhere; and text messages: `Attempt` when another attempt's log begins at offset 0, `Progress` while an attempt has
 * not begun to run, `End` after the last byte of an execution that has ended, and then it closes; with what the
 * script made, when that is little, so that nobody has to ask for it. A client passes over
 * text messages with a tag it does not know. The client grants credit: the server sends no more bytes than granted,
 * so that a slow reader costs it nothing. A reader that was cut off comes again with the attempt and the length of the
 * whole frames it has.
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Execution } from "../domain/Execution.ts"
import { Progress } from "../domain/Progress.ts"
import { OutputList } from "./Executions.ts"

export const streamPath = (execution: string): string => `/api/v1/executions/${execution}/stream`

/** Credit a client grants at first, and the most it lets be outstanding (1 MiB). */
export const window = 1024 * 1024

export const ToReader = Schema.Union([
  Schema.TaggedStruct("Attempt", { attempt: Schema.Int }),
  Schema.TaggedStruct("Progress", { attempt: Schema.Int, progress: Progress }),
  Schema.TaggedStruct("End", { execution: Execution, outputs: Schema.optionalKey(OutputList) })
])
export type ToReader = typeof ToReader.Type

const Tagged = Schema.fromJsonString(Schema.Struct({ _tag: Schema.String }))
const known: ReadonlySet<string> = new Set<ToReader["_tag"]>(["Attempt", "Progress", "End"])

/** Whether a newer server said something that this client need not understand. */
export const isForeign = (text: string): boolean =>
  Option.exists(Schema.decodeUnknownOption(Tagged)(text), ({ _tag }) => !known.has(_tag))

export const FromReader = Schema.TaggedStruct("Credit", { bytes: Schema.Int })

export const encodeToReader = Schema.encodeSync(Schema.fromJsonString(ToReader))
export const decodeToReader = Schema.decodeUnknownEffect(Schema.fromJsonString(ToReader))
export const encodeFromReader = Schema.encodeSync(Schema.fromJsonString(FromReader))
export const decodeFromReader = Schema.decodeUnknownEffect(Schema.fromJsonString(FromReader))
