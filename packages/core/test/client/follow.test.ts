/** Following from a place somebody was at, where only pages of the log can be had. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { follow } from "rgrid/client/follow"
import { type LogPosition, logStart } from "rgrid/client/LogPosition"
import { headerBytes } from "rgrid/domain/LogFrame"
import { type Asked, fakeGrid, memberJson } from "./batch/grid.ts"

const execution = { ...memberJson(1), batch: null }

interface Piece {
  readonly stream: "stdout" | "stderr"
  readonly text: string
}

/** What each attempt wrote, the first one first. */
type Log = ReadonlyArray<ReadonlyArray<Piece>>

const segmentsOf = (pieces: ReadonlyArray<Piece>) => {
  const seen = { stdout: 0, stderr: 0 }
  let end = 0
  return pieces.map(({ stream, text }, seq) => {
    const offset = seen[stream]
    seen[stream] += text.length
    end += headerBytes + text.length
    return { end, segment: { stream, seq, time: 1_700_000_000_000_000 + seq, offset, bytes: Buffer.from(text).toString("base64") } }
  })
}

/** As a server whose executions have ended: one frame a page, so that each is a place to go on from. */
const page = (log: Log, { url }: Pick<Asked, "url">) => {
  const attempt = Number(url.searchParams.get("attempt") ?? log.length)
  const from = Number(url.searchParams.get("offset") ?? 0)
  const all = segmentsOf(log[attempt - 1]!)
  const next = all.find(({ end }) => end > from)
  return {
    attempt,
    segments: next === undefined ? [] : [next.segment],
    next: next?.end ?? from,
    ended: next === undefined || next === all.at(-1)
  }
}

const grid = (log: Log) =>
  fakeGrid((asked) => {
    if (asked.url.pathname.endsWith("/stream")) return null
    return { json: asked.url.pathname.endsWith("/logs") ? page(log, asked) : execution }
  })

const readAsking = Effect.fnUntraced(function*(log: Log, from: LogPosition = logStart) {
  const { asked, client } = yield* grid(log)
  const events = yield* Stream.runCollect(follow(execution.id, from)).pipe(Effect.provide(client))
  assert.strictEqual(events.at(-1)?._tag, "Ended")
  const pieces = events.flatMap((event) =>
    event._tag === "Output" ? [{ text: Buffer.from(event.bytes).toString(), at: event.at }] : []
  )
  return { asked, pieces }
})

const read = (log: Log, from?: LogPosition) => Effect.map(readAsking(log, from), ({ pieces }) => pieces)

/** As under `--no-experimental-websocket`. */
const withoutWebSocket = Effect.acquireRelease(
  Effect.sync(() => {
    const own = Object.getOwnPropertyDescriptor(globalThis, "WebSocket")!
    Reflect.deleteProperty(globalThis, "WebSocket")
    return own
  }),
  (own) => Effect.sync(() => Object.defineProperty(globalThis, "WebSocket", own))
)

const out = (text: string): Piece => ({ stream: "stdout", text })
const err = (text: string): Piece => ({ stream: "stderr", text })
const textOf = (pieces: ReadonlyArray<{ readonly text: string }>) => pieces.map(({ text }) => text).join("")

describe("a log by pages", () => {
  const log = [[out("one\n"), err("oops\n"), out("two\n"), out("three\n")]]

  it.live("goes on behind each piece of it", () =>
    Effect.gen(function*() {
      const all = yield* read(log)
      assert.strictEqual(textOf(all), "one\noops\ntwo\nthree\n")
      for (const [index, { at }] of all.entries()) {
        assert.strictEqual(textOf(yield* read(log, at)), textOf(all.slice(index + 1)))
      }
    }).pipe(Effect.scoped))

  it.live("asks for no socket where there is none", () =>
    Effect.gen(function*() {
      yield* withoutWebSocket
      const { asked, pieces } = yield* readAsking(log)
      assert.strictEqual(textOf(pieces), "one\noops\ntwo\nthree\n")
      assert.isFalse(asked.some(({ url }) => url.pathname.endsWith("/stream")))
    }).pipe(Effect.scoped))

  it.live("goes on where a new attempt says something new, though the old one's bytes were read elsewhere", () =>
    Effect.gen(function*() {
      const [first] = yield* read([[out("one\n"), out("tw")]])
      const again = [[out("one\n"), out("tw")], [out("one\ntwo\n"), out("three\n")]]
      // The rest of the attempt that was lost, then what the next one has beyond it.
      assert.strictEqual(textOf(yield* read(again, first!.at)), "two\nthree\n")
    }).pipe(Effect.scoped))
})
