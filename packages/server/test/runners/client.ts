/** The runner's end of its socket, word by word. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Socket from "effect/socket/Socket"
import {
  decodeToRunner,
  encodeFromRunner,
  type FromRunner,
  runnerPath,
  type ToRunner
} from "rgrid/api/RunnerProtocol"
import { type Incarnation, incarnation, type RunnerId, runnerId } from "rgrid/domain/Id"
import { Grid } from "./fixtures.ts"

export interface Runner {
  readonly runner: RunnerId
  readonly incarnation: Incarnation
  readonly say: (message: FromRunner) => Effect.Effect<void>
  readonly sayText: (text: string) => Effect.Effect<void>
  /** The next message. */
  readonly hear: Effect.Effect<ToRunner>
  /** Nothing is said for this long. */
  readonly silent: (millis: number) => Effect.Effect<boolean>
  /** Until the server ends the connection. */
  readonly cut: Effect.Effect<void>
  readonly leave: Effect.Effect<void>
}

export interface Who {
  readonly runner: RunnerId
  readonly incarnation: Incarnation
}

export const someone = (): Who => ({ runner: runnerId(Date.now()), incarnation: incarnation(Date.now()) })

/** Connected, and not introduced. */
export const dial = Effect.fnUntraced(function*(who: Who) {
  const { keyOf, url } = yield* Grid
  const scope = yield* Scope.fork(yield* Effect.scope)
  const socket = yield* Socket.makeWebSocket(url + runnerPath, {
    headers: { authorization: `Bearer ${yield* keyOf("runner")}` }
  })
  const pull = yield* Scope.provide(Socket.readerString(socket), scope)
  const writer = yield* Scope.provide(socket.writer, scope)
  const heard: Array<ToRunner> = []
  const hear = Effect.gen(function*() {
    while (heard.length === 0) for (const text of yield* pull) heard.push(yield* decodeToRunner(text))
    return heard.shift()!
  })
  return {
    ...who,
    say: (message) => Effect.orDie(writer.write(encodeFromRunner(message))),
    sayText: (text) => Effect.orDie(writer.write(text)),
    hear: hear.pipe(Effect.timeout("8 seconds"), Effect.orDie),
    silent: (millis) =>
      hear.pipe(Effect.timeoutOption(millis), Effect.map(({ _tag }) => _tag === "None"), Effect.orDie),
    cut: Effect.flip(Effect.forever(pull)).pipe(Effect.asVoid, Effect.timeout("14 seconds"), Effect.orDie),
    leave: Scope.close(scope, Exit.void)
  } satisfies Runner
})

export const hello = (who: Who, slots: number): FromRunner => ({
  _tag: "Hello",
  runner: who.runner,
  incarnation: who.incarnation,
  name: "machine",
  version: "0.0.0",
  sandbox: "process",
  slots,
  controls: [{ name: "network", enforced: false, detail: "not here" }],
  running: []
})

/** Connected and welcomed. */
export const connect = Effect.fnUntraced(function*(slots: number, who = someone()) {
  const runner = yield* dial(who)
  yield* runner.say(hello(who, slots))
  const welcome = yield* runner.hear
  if (welcome._tag !== "Welcome") return yield* Effect.die(`${welcome._tag} instead of a welcome`)
  return runner
})

/** Asks, and gets at least one. */
export const asked = Effect.fnUntraced(function*(runner: Runner, free: number) {
  yield* runner.say({ _tag: "Ask", free })
  const message = yield* runner.hear
  return message._tag === "Assign" ? message.attempts : yield* Effect.die(`${message._tag} instead of work`)
})
