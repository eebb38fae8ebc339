import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as executions from "rgrid/client/executions"
import { readLog } from "rgrid/client/readLog"
import { spoken } from "rgrid/domain/Execution"
import { head, mostBytes, Tail } from "./bounds.ts"
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

/** Only what is asked for is held, however long the log is. */
const window = (from: number, most: number) => {
  const kept: Array<Uint8Array> = []
  let total = 0
  return {
    add: (bytes: Uint8Array) => {
      const [start, end] = [Math.max(0, from - total), Math.min(bytes.length, from + most - total)]
      if (end > start) kept.push(bytes.subarray(start, end))
      total += bytes.length
    },
    bounded: () => {
      const shown = head(Buffer.concat(kept), most)
      const next = from + Buffer.byteLength(shown.text)
      return { ...shown, totalBytes: total, truncated: next < total }
    }
  }
}

export const logs = tool({
  name: "logs",
  title: "What a script wrote",
  description: "The output of an execution as far as it is there: its last part, or from a byte on.",
  input,
  readOnly: true,
  handle: Effect.fnUntraced(function*({ from, id, maxBytes = usual, stream }) {
    const execution = yield* executions.get(id)
    const reader = from === undefined ? new Tail(maxBytes) : window(from, maxBytes)
    yield* readLog(execution.id).pipe(
      Stream.filter((output) => stream === undefined || output.stream === stream),
      Stream.runForEach((output) => Effect.sync(() => reader.add(output.bytes)))
    )
    const { text, totalBytes, truncated } = reader.bounded()
    const status = spoken(execution.state)
    const begin = from ?? totalBytes - Buffer.byteLength(text)
    const note = truncated
      ? `\n[bytes ${begin} to ${begin + Buffer.byteLength(text)} of ${totalBytes}; give from for others]`
      : ""
    const nothing = execution.endedAt === null ? `Nothing yet; it is ${status}.` : "It wrote nothing."
    return {
      text: totalBytes === 0 ? nothing : text + note,
      data: { id: execution.id, status, text, from: begin, totalBytes, truncated }
    }
  })
})
