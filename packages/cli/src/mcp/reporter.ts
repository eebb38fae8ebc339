/** What an assistant hears while a script runs, if it asked to: no more than a line a second. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { McpRequestContext } from "effect/ai/McpSchema"
import { McpServer } from "effect/ai/McpServer"
import { plain } from "../output/format.ts"

const Asked = Schema.Struct({ progressToken: Schema.Union([Schema.String, Schema.Number]) })
const isAsked = Schema.is(Asked)

const every = "1 second"
const longest = 200
const mostKept = 4096

export interface Reporter {
  readonly say: (message: string) => Effect.Effect<void>
  /** The newest line of it is said within a second, if it still is the newest then. */
  readonly heard: (bytes: Uint8Array) => Effect.Effect<void>
}

const lastLine = (text: string): string | undefined => text.split(/[\r\n]+/).findLast((line) => line.trim() !== "")

const decoder = new TextDecoder()

/** For as long as the scope lives. */
export const reporter = Effect.gen(function*() {
  const { notifications } = yield* McpServer
  const { requestMetadata } = yield* McpRequestContext
  if (!isAsked(requestMetadata)) return { say: () => Effect.void, heard: () => Effect.void } satisfies Reporter
  const { progressToken } = requestMetadata
  let progress = 0
  // A line may come in pieces.
  let newest = ""
  let isFresh = false
  const say = (text: string) =>
    Effect.suspend(() => {
      const message = plain(text).slice(0, longest)
      return notifications["notifications/progress"]({ progressToken, progress: ++progress, message })
    }).pipe(Effect.ignore)
  const sayNewest = Effect.suspend(() => {
    const line = isFresh ? lastLine(newest) : undefined
    isFresh = false
    return line === undefined ? Effect.void : say(line)
  })
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(every), sayNewest)))
  const heard = (bytes: Uint8Array) =>
    Effect.sync(() => {
      newest = (newest + decoder.decode(bytes)).slice(-mostKept)
      isFresh = true
    })
  return { say, heard } satisfies Reporter
})
