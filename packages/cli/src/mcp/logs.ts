import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as executions from "rgrid/client/executions"
import { readLog } from "rgrid/client/readLog"
import { spoken } from "rgrid/domain/Execution"
import { mostBytes, Tail, Window } from "./bounds.ts"
import { id } from "./reading.ts"
import { tool } from "./tool.ts"

const usual = 16 * 1024

const input = Schema.Struct({
  id,
  stream: Schema.optionalKey(
    Schema.Literals(["stdout", "stderr"]).annotate({ description: "Only this one; default both, as they came." })
  ),
  maxBytes: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: mostBytes })).annotate({
      description: `Default ${usual}, at most ${mostBytes}.`
    })
  ),
  from: Schema.optionalKey(
    Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).annotate({
      description: "Read on from this byte; default: the end of the log."
    })
  )
})

export const logs = tool({
  name: "logs",
  title: "What a script wrote",
  description: "The output of an execution as far as it is there: its last part, or from a byte on.",
  input,
  readOnly: true,
  handle: Effect.fnUntraced(function*({ from, id, maxBytes = usual, stream }) {
    const execution = yield* executions.get(id)
    const reader = from === undefined ? new Tail(maxBytes) : new Window(from, maxBytes)
    yield* readLog(execution.id).pipe(
      Stream.filter((output) => stream === undefined || output.stream === stream),
      Stream.runForEach((output) => Effect.sync(() => reader.add(output.bytes)))
    )
    const shown = reader.bounded()
    const { text, totalBytes, truncated } = shown
    const status = spoken(execution.state)
    const begin = reader.begin(shown)
    const end = begin + shown.bytes
    const note = truncated ? `\n[bytes ${begin} to ${end} of ${totalBytes}; give from for others]` : ""
    const nothing = execution.endedAt === null ? `Nothing yet; it is ${status}.` : "It wrote nothing."
    return {
      text: totalBytes === 0 ? nothing : text + note,
      data: { id: execution.id, status, text, from: begin, to: end, totalBytes, truncated }
    }
  })
})
