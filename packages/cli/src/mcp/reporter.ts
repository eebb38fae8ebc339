/** What an assistant hears while a script runs, if it asked to: no more than a line a second. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { McpRequestContext } from "effect/ai/McpSchema"
import { McpServer } from "effect/ai/McpServer"
import { plain } from "../output/format.ts"

const Asked = Schema.Struct({ progressToken: Schema.Union([Schema.String, Schema.Number]) })
const isAsked = Schema.is(Asked)

const everyMillis = 1000
const longest = 200

export interface Reporter {
  readonly say: (message: string) => Effect.Effect<void>
  /** The newest line of what it writes, now and then. */
  readonly heard: (bytes: Uint8Array) => Effect.Effect<void>
}

const lastLine = (bytes: Uint8Array): string =>
  new TextDecoder().decode(bytes).split(/[\r\n]+/).findLast((line) => line.trim() !== "") ?? ""

export const reporter = Effect.gen(function*() {
  const { notifications } = yield* McpServer
  const { requestMetadata } = yield* McpRequestContext
  const token = isAsked(requestMetadata) ? requestMetadata.progressToken : null
  let said = 0
  let at = -Infinity
  const say = Effect.fnUntraced(function*(message: string) {
    if (token === null) return
    at = yield* Clock.currentTimeMillis
    yield* Effect.ignore(
      notifications["notifications/progress"]({
        progressToken: token,
        progress: ++said,
        message: plain(message).slice(0, longest)
      })
    )
  })
  const heard = Effect.fnUntraced(function*(bytes: Uint8Array) {
    if (token === null || (yield* Clock.currentTimeMillis) - at < everyMillis) return
    const line = lastLine(bytes)
    if (line !== "") yield* say(line)
  })
  return { say, heard } satisfies Reporter
})
