/** The one WebSocket to the server: dialled again whenever it is cut, for as long as the runner lives. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Socket from "effect/socket/Socket"
import { decodeToRunner, encodeFromRunner, type FromRunner, runnerPath, type ToRunner } from "rgrid/api/RunnerProtocol"
import { KeyRefused } from "./failures.ts"
import type { RunnerSettings } from "./Settings.ts"

/** A server that restarts is back within two seconds; one that is away shall not be hammered when it returns. */
const firstDelayMillis = 100
const longestDelayMillis = 5000

export interface LinkHandlers<R> {
  /** What is said first on every new connection. */
  readonly greeting: Effect.Effect<ReadonlyArray<FromRunner>>
  readonly receive: (message: ToRunner) => Effect.Effect<void, never, R>
}

export interface ServerLink {
  /** Says it on the open connection, or drops it: every connection begins with a greeting that tells all. */
  readonly send: (message: FromRunner) => Effect.Effect<void>
  /** Cuts the connection, so that a new one is made: for one that seems dead. */
  readonly cut: Effect.Effect<void>
  /** Milliseconds since the server was last heard; 0 while there is no connection. */
  readonly silence: Effect.Effect<number>
  /** Holds the connection. Fails only when the first answer ever is that the key is no good. */
  readonly run: <R>(
    handlers: LinkHandlers<R>
  ) => Effect.Effect<never, KeyRefused, R | Socket.WebSocketConstructor | HttpClient.HttpClient>
}

type Connected = Pick<RunnerSettings, "server" | "key">

const socketUrl = (server: string): string => {
  const url = new URL(runnerPath, server)
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:"
  return url.href
}

/**
 * A WebSocket does not tell why it was refused; a plain request to the same address does: the server looks at the key
 * before anything else.
 */
const isKeyRefused = Effect.fnUntraced(function*({ key, server }: Connected) {
  const request = HttpClientRequest.get(new URL(runnerPath, server)).pipe(
    HttpClientRequest.bearerToken(Redacted.value(key))
  )
  return yield* HttpClient.HttpClient.use((http) => http.execute(request)).pipe(
    Effect.map(({ status }) => status === 401 || status === 403),
    Effect.timeoutOrElse({ duration: "5 seconds", orElse: () => Effect.succeed(false) }),
    Effect.orElseSucceed(() => false)
  )
})

class Link {
  writer: Socket.Writer | null = null
  readonly cutting = Latch.makeUnsafe(false)
  heardAt = 0n
  /** Ever connected: a refusal later is the server's trouble, not the key's. */
  known = false
  failures = 0
}

const deliver = <R>(link: Link, handlers: LinkHandlers<R>) =>
  Effect.fnUntraced(function*(text: string) {
    link.heardAt = yield* Clock.monotonicTimeNanos
    link.failures = 0
    const message = yield* decodeToRunner(text).pipe(
      // A newer server may say what this runner does not know.
      Effect.catch(() => Effect.as(Effect.logWarning("A message from the server was not understood"), null))
    )
    if (message !== null) yield* handlers.receive(message)
  })

/** One connection, from dialling to its end. */
const converse = <R>(link: Link, connection: Connected, handlers: LinkHandlers<R>) =>
  Effect.gen(function*() {
    const socket = yield* Socket.makeWebSocket(socketUrl(connection.server), {
      headers: { authorization: `Bearer ${Redacted.value(connection.key)}` }
    })
    const pull = yield* Socket.readerString(socket)
    const writer = yield* socket.writer
    link.known = true
    link.heardAt = yield* Clock.monotonicTimeNanos
    yield* Effect.logInfo("Connected", { server: connection.server })
    for (const message of yield* handlers.greeting) yield* writer.write(encodeFromRunner(message))
    link.cutting.closeUnsafe()
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        link.writer = writer
      }),
      () =>
        Effect.sync(() => {
          link.writer = null
        })
    )
    const listen = Effect.forever(
      Effect.flatMap(pull, (texts) => Effect.forEach(texts, deliver(link, handlers), { discard: true }))
    )
    yield* Effect.raceFirst(listen, link.cutting.await)
  }).pipe(Effect.scoped)

const pause = (link: Link): Effect.Effect<void> =>
  Effect.flatMap(Random.next, (chance) => {
    const most = Math.min(longestDelayMillis, firstDelayMillis * 2 ** Math.min(link.failures++, 10))
    return Effect.sleep(most * (0.5 + chance / 2))
  })

const run = <R>(link: Link, connection: Connected, handlers: LinkHandlers<R>) =>
  Effect.gen(function*() {
    const told = yield* Effect.exit(converse(link, connection, handlers))
    yield* Effect.logWarning(link.known ? "The connection ended" : "The server can't be reached", {
      server: connection.server,
      succeeded: told._tag === "Success"
    })
    if (yield* isKeyRefused(connection)) {
      if (!link.known) return yield* new KeyRefused({ server: connection.server })
      yield* Effect.logError("The server refuses the key now")
    }
    yield* pause(link)
  }).pipe(Effect.forever)

export const make = (connection: Connected): ServerLink => {
  const link = new Link()
  return {
    send: (message) =>
      Effect.suspend(() =>
        link.writer === null ? Effect.void : Effect.ignore(link.writer.write(encodeFromRunner(message)))
      ),
    cut: Effect.sync(() => link.cutting.openUnsafe()),
    silence: Effect.map(
      Clock.monotonicTimeNanos,
      (now) => link.writer === null ? 0 : Number(now - link.heardAt) / 1e6
    ),
    run: (handlers) => run(link, connection, handlers)
  }
}

