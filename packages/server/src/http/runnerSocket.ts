/** The server's end of the one WebSocket that each runner holds. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Deferred from "effect/Deferred"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Socket from "effect/socket/Socket"
import { decodeFromRunner, encodeToRunner, type FromRunner, runnerPath } from "rgrid/api/RunnerProtocol"
import { lease, renewal } from "rgrid/domain/Timing"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"
import { Progress } from "../runners/Progress.ts"
import { type Hello, RunnerSessions, type Session, type Tell } from "../runners/RunnerSessions.ts"
import { bearer } from "./bearer.ts"

/** A runner renews every 15 seconds; one that misses three is not there. */
const silence = Duration.times(renewal, 3)

/** Who connects says at once who it is. */
const introduction = Duration.seconds(10)

const text = (message: string | Uint8Array): string =>
  typeof message === "string" ? message : new TextDecoder().decode(message)

const known: ReadonlySet<string> = new Set<FromRunner["_tag"]>(["Hello", "Ask", "Renew", "Draining", "AttemptProgress", "Cached"])
const tagged = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Struct({ _tag: Schema.String })))
const isForeign = (message: string): boolean => Option.exists(tagged(message), ({ _tag }) => !known.has(_tag))

/** A newer runner may say what this server does not know yet: passed over. What is no message at all fails. */
const understood = (message: string) =>
  decodeFromRunner(message).pipe(
    Effect.map((told): ReadonlyArray<FromRunner> => [told]),
    Effect.catch(() => isForeign(message) ? Effect.succeed([]) : Effect.fail("malformed" as const))
  )

const next = (reader: Socket.Reader, patience: Duration.Duration) =>
  reader.pull.pipe(
    Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.fail("silent" as const) }),
    Effect.flatMap((messages) => Effect.forEach(messages, (message) => understood(text(message)))),
    Effect.map((messages) => messages.flat())
  )

type Renew = Extract<FromRunner, { readonly _tag: "Renew" }>

const renew = Effect.fnUntraced(function*(session: Session, { attempts, id }: Renew) {
  const store = yield* ExecutionStore
  const renewed = yield* store.renew(session.claimant.incarnation, attempts)
  yield* session.tell({ _tag: "Renewed", id, attempts: renewed })
// Unanswered: the runner asks again, and its lease is the judge.
}, Effect.catchTag("StoreUnavailable", () => Effect.void))

const take = Effect.fnUntraced(function*(session: Session, message: FromRunner) {
  const sessions = yield* RunnerSessions
  switch (message._tag) {
    case "Ask":
      return yield* sessions.ask(session, message.free)
    case "Renew":
      return yield* renew(session, message)
    case "Draining":
      return yield* sessions.drain(session)
    case "AttemptProgress":
      return yield* Progress.use((progress) => progress.tell(message.execution, message.fence, message.progress))
    case "Cached":
      return yield* sessions.keeps(session, message.kept)
    case "Hello":
      return
  }
})

/** What earlier starts of this runner held is given back before it gets anything new. */
const welcome = Effect.fnUntraced(function*({ incarnation, runner }: Hello, tell: Tell) {
  const store = yield* ExecutionStore
  const reclaimed = yield* store.reclaim(runner, incarnation).pipe(Effect.retry(Schedule.spaced("1 second")))
  if (reclaimed.length > 0) yield* Effect.logInfo("A runner started anew", { runner, reclaimed })
  yield* tell({
    _tag: "Welcome",
    leaseSeconds: Duration.toSeconds(lease),
    renewSeconds: Duration.toSeconds(renewal)
  })
})

/**
 * Effect's writer waits for another connection when its own is gone, and here none comes: whoever tells would wait for
 * ever. Ends with the scope, so it must be made after the reader.
 */
const telling = Effect.fnUntraced(function*(writer: Socket.Writer) {
  const gone = yield* Deferred.make<void>()
  yield* Effect.addFinalizer(() => Deferred.succeed(gone, undefined))
  const tell: Tell = (message) => {
    const written = writer.write(encodeToRunner(message)).pipe(Effect.as(true), Effect.orElseSucceed(() => false))
    const ended = Effect.as(Deferred.await(gone), false)
    return Effect.raceFirst(Effect.interruptible(ended), Effect.interruptible(written))
  }
  return tell
})

const converse = Effect.fnUntraced(function*(socket: Socket.Socket) {
  const sessions = yield* RunnerSessions
  const reader = yield* socket.reader
  const writer = yield* socket.writer
  const replaced = yield* Deferred.make<void>()
  const tell = yield* telling(writer)
  const [hello, ...rest] = yield* next(reader, introduction)
  if (hello?._tag !== "Hello") return
  yield* welcome(hello, tell)
  const session = yield* Effect.acquireRelease(
    sessions.open(hello, tell, Effect.asVoid(Deferred.succeed(replaced, undefined))),
    sessions.closed
  )
  yield* Effect.logInfo("A runner is here", { runner: hello.runner, name: hello.name, sandbox: hello.sandbox })
  const listen = Effect.gen(function*() {
    for (const message of rest) yield* take(session, message)
    while (true) for (const message of yield* next(reader, silence)) yield* take(session, message)
  })
  yield* Effect.raceFirst(listen, Deferred.await(replaced))
}, Effect.scoped)

const connect = Effect.gen(function*() {
  yield* bearer(["runner", "admin"])
  const request = yield* HttpServerRequest.HttpServerRequest
  const socket = yield* request.upgrade
  // However it ends, cut, silent or speaking nonsense: the runner dials again, and its attempts live by their leases.
  yield* converse(socket).pipe(Effect.ignore)
  return HttpServerResponse.empty()
}).pipe(Effect.catchIf(HttpServerResponse.isHttpServerResponse, Effect.succeed))

export const runnerSocket = HttpRouter.add("GET", runnerPath, connect)
