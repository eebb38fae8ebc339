/** The server's end of a log that is read over a WebSocket: `api/LogStreamProtocol.ts` says what goes over it. */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Socket from "effect/socket/Socket"
import { decodeFromReader, encodeToReader, window } from "rgrid/api/LogStreamProtocol"
import { NotFound, Unavailable } from "rgrid/api/Errors"
import type { Execution } from "rgrid/domain/Execution"
import { isFinal } from "rgrid/domain/ExecutionState"
import { type AccountId, ExecutionId } from "rgrid/domain/Id"
import { outputsOf } from "rgrid/grid/outputs"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"
import { LogStore } from "rgrid/ports/LogStore"
import { Hints } from "../runners/Hints.ts"
import { Progress } from "../runners/Progress.ts"
import { bearer } from "./bearer.ts"
import { answer } from "./problems.ts"

/** Bytes of one message: a flood is cut so that other readers come between. */
const messageBytes = 256 * 1024

/** Read at a time by whoever is behind: a file is opened for each reading. */
const aheadBytes = 1024 * 1024

/** A change that nobody hinted at is found this much later. */
const look = "2 seconds"

/** Files and directories that are told with the end. */
const mostTold = 100

const nothing = new Uint8Array(0)

interface Reading {
  readonly account: AccountId
  readonly id: ExecutionId
  readonly writer: Socket.Writer
  readonly credited: Latch.Latch
  credit: number
  attempt: number
  offset: number
  /** The execution may be another than at the last look; else only its log has grown. */
  maybeOther: boolean
  /** Read, from `offset` on, and not sent yet. */
  ahead: Uint8Array
}

const grants = Effect.fnUntraced(function*(reading: Reading, reader: Socket.Reader) {
  while (true) {
    for (const message of yield* reader.pull) {
      const text = typeof message === "string" ? message : new TextDecoder().decode(message)
      const { bytes } = yield* decodeFromReader(text)
      // Writing does not wait for the network: what a reader may have outstanding is what it can cost in memory.
      reading.credit = Math.min(window, reading.credit + Math.max(0, bytes))
      if (reading.credit > 0) yield* reading.credited.open
    }
  }
})

/** Sends what is there of the current attempt, as far as the credit goes. */
const sendAll = Effect.fnUntraced(function*(reading: Reading) {
  const logs = yield* LogStore
  const at = { execution: reading.id, fence: reading.attempt }
  while (reading.attempt > 0) {
    if (reading.credit <= 0) {
      // Whoever granted exactly what there is hears the end all the same.
      if ((yield* logs.length(at)) <= reading.offset) return
      yield* reading.credited.close
      yield* reading.credited.await
    }
    if (reading.ahead.length === 0) reading.ahead = yield* logs.read(at, reading.offset, aheadBytes)
    const bytes = reading.ahead.subarray(0, Math.min(messageBytes, reading.credit))
    if (bytes.length === 0) return
    reading.ahead = reading.ahead.subarray(bytes.length)
    reading.credit -= bytes.length
    reading.offset += bytes.length
    yield* reading.writer.write(bytes)
    yield* Effect.yieldNow
  }
})

const begin = (reading: Reading, attempt: number) =>
  Effect.suspend(() => {
    reading.attempt = attempt
    reading.offset = 0
    reading.ahead = nothing
    return reading.writer.write(encodeToReader({ _tag: "Attempt", attempt }))
  })

/** One look: everything there is goes out. Answers the execution once its last byte was sent. */
const advance = Effect.fnUntraced(function*(reading: Reading) {
  const store = yield* ExecutionStore
  while (true) {
    // The state is read before the log: an end is told only after the log was sealed, so nothing can follow.
    const execution = yield* store.find(reading.account, reading.id)
    if (reading.attempt === 0 && execution.attempt > 0) yield* begin(reading, execution.attempt)
    yield* sendAll(reading)
    if (execution.attempt > reading.attempt) yield* begin(reading, execution.attempt)
    else return isFinal(execution.state) ? execution : null
  }
})

const reasonsToLook = Effect.fnUntraced(function*(reading: Reading) {
  const logs = yield* LogStore
  const hints = yield* Hints
  const changes = reading.attempt === 0
    ? Stream.never
    : logs.changes({ execution: reading.id, fence: reading.attempt })
  const elsewhere = Stream.merge(hints.changed(reading.id), Stream.tick(look)).pipe(
    Stream.map(() => {
      reading.maybeOther = true
    })
  )
  return Stream.merge(changes, elsewhere)
})

/** What the script made goes with the end, unless it is much or can't be told now: whoever wants it asks then. */
const told = (account: AccountId, ended: Execution) =>
  outputsOf(account, ended).pipe(
    Effect.map((outputs) => outputs.manifest.outputs.length > mostTold ? {} : { outputs }),
    Effect.orElseSucceed(() => ({}))
  )

/** Looks, waits for a reason, looks again. A database that is away only makes the reader wait. */
const tell = Effect.fnUntraced(function*(reading: Reading) {
  const looked = Effect.suspend((): ReturnType<typeof advance> => {
    // A log that grows is no reason to ask the database.
    if (!reading.maybeOther && reading.attempt > 0) return Effect.as(sendAll(reading), null)
    reading.maybeOther = false
    return advance(reading)
  }).pipe(
    Effect.catchTags({
      StoreUnavailable: () => Effect.succeed(null),
      LogUnavailable: () => Effect.succeed(null)
    })
  )
  let ended: Execution | null = null
  while (ended === null) {
    const attempt = reading.attempt
    const reasons = yield* reasonsToLook(reading)
    yield* reasons.pipe(
      Stream.buffer({ capacity: 1, strategy: "sliding" }),
      Stream.mapEffect(() => Effect.tap(looked, (found) => Effect.sync(() => (ended = found)))),
      // A new attempt has another log to wait for.
      Stream.takeUntil((found) => found !== null || reading.attempt !== attempt),
      Stream.runDrain
    )
  }
  const outputs = yield* told(reading.account, ended)
  yield* reading.writer.write(encodeToReader({ _tag: "End", execution: ended, ...outputs }))
})

/** Until the log's end is told. Costs no credit: it is a few words, and only before the script starts. */
const tellProgress = Effect.fnUntraced(function*({ id, writer }: Reading) {
  const told = yield* Progress.use((progress) => Effect.succeed(progress.of(id)))
  yield* Stream.runForEach(told, ({ attempt, progress }) =>
    writer.write(encodeToReader({ _tag: "Progress", attempt, progress })))
  return yield* Effect.never
})

const numberIn = (query: URLSearchParams, name: string): number => {
  const value = Number(query.get(name) ?? "0")
  return Number.isSafeInteger(value) && value >= 0 ? value : 0
}

const converse = Effect.fnUntraced(function*(
  account: AccountId,
  id: ExecutionId,
  query: URLSearchParams,
  socket: Socket.Socket
) {
  const reader = yield* socket.reader
  const writer = yield* socket.writer
  const [attempt, offset] = [numberIn(query, "attempt"), numberIn(query, "offset")]
  const reading: Reading = { account, id, writer, credited: yield* Latch.make(false), credit: 0, attempt, offset, maybeOther: true, ahead: nothing }
  yield* Effect.raceFirst(tell(reading), Effect.raceFirst(grants(reading, reader), tellProgress(reading)))
}, Effect.scoped)

const isId = Schema.is(ExecutionId)

const unknown = (id: string) => answer(new NotFound({ what: "execution", id }))

const connect = Effect.gen(function*() {
  const { account } = yield* bearer(["user", "admin"])
  const request = yield* HttpServerRequest.HttpServerRequest
  const { params } = yield* HttpRouter.RouteContext
  const id = params["id"]
  if (!isId(id)) return yield* unknown(id ?? "")
  yield* ExecutionStore.use((store) => store.find(account, id))
  const socket = yield* request.upgrade
  // A reader that went away has all it wants; one that was cut off comes again.
  yield* converse(account, id, new URL(request.url, "http://server").searchParams, socket).pipe(Effect.ignore)
  return HttpServerResponse.empty()
}).pipe(
  Effect.catchTags({
    UnknownExecution: ({ id }) => unknown(id),
    StoreUnavailable: ({ detail }) => answer(new Unavailable({ part: "database", detail }))
  }),
  Effect.catchIf(HttpServerResponse.isHttpServerResponse, Effect.succeed)
)

export const logStream = HttpRouter.add("GET", "/api/v1/executions/:id/stream", connect)
