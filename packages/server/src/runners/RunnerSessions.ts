/** The runners connected to this server: who they are, how much they ask for, and the way to tell them something. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import type { Worker } from "rgrid/api/Account"
import type { Kept } from "rgrid/api/Caches"
import type { FromRunner, ToRunner } from "rgrid/api/RunnerProtocol"
import type { RunnerId } from "rgrid/domain/Id"
import type { Claimant } from "rgrid/ports/ExecutionStore"

export type Hello = Extract<FromRunner, { readonly _tag: "Hello" }>

/** Sends one message; false when the connection is gone. */
export type Tell = (message: ToRunner) => Effect.Effect<boolean>

export interface Session {
  readonly hello: Hello
  readonly claimant: Claimant
  readonly tell: Tell
  /** Ends the connection, because a newer one of the same runner is there. */
  readonly close: Effect.Effect<void>
  readonly connectedAt: DateTime.Utc
  /** Free slots the runner asks work for. */
  demand: number
  /** It leaves, and gets no more whatever it asks. */
  draining: boolean
  /** What it has in its cache; null until it says. */
  kept: Kept | null
}

export class RunnerSessions extends Context.Service<RunnerSessions, {
  /** A runner's newest connection replaces the one before it. */
  readonly open: (hello: Hello, tell: Tell, close: Effect.Effect<void>) => Effect.Effect<Session>
  readonly closed: (session: Session) => Effect.Effect<void>
  /** Replaces what the runner asked for before. */
  readonly ask: (session: Session, free: number) => Effect.Effect<void>
  readonly drain: (session: Session) => Effect.Effect<void>
  readonly keeps: (session: Session, kept: Kept) => Effect.Effect<void>
  /** Emits each time a session asks for more than before. Coalesced. */
  readonly demands: Stream.Stream<void>
  /** Sessions that ask for work, the one that asks for most first. */
  readonly hungry: Effect.Effect<ReadonlyArray<Session>>
  readonly of: (runner: RunnerId) => Effect.Effect<Session | undefined>
  readonly all: Effect.Effect<ReadonlyArray<Session>>
  readonly workers: Effect.Effect<ReadonlyArray<Worker>>
}>()("@rgrid/server/runners/RunnerSessions") {
  static readonly layer: Layer.Layer<RunnerSessions> = Layer.effect(
    RunnerSessions,
    Effect.gen(function*() {
      const sessions = new Map<RunnerId, Session>()
      const demands = yield* PubSub.sliding<void>(1)
      const hungry = () => [...sessions.values()].filter(({ demand }) => demand > 0).sort((a, b) => b.demand - a.demand)
      const open = Effect.fnUntraced(function*(hello: Hello, tell: Tell, close: Effect.Effect<void>) {
        const { incarnation, runner, sandbox } = hello
        const connectedAt = DateTime.makeUnsafe(yield* Clock.currentTimeMillis)
        const price = { hourlyMicros: hello.hourlyMicros ?? 0, slots: Math.max(1, hello.slots) }
        const claimant = { runner, incarnation, sandbox, price }
        const session: Session = { hello, claimant, tell, close, connectedAt, demand: 0, draining: false, kept: null }
        const before = sessions.get(runner)
        sessions.set(runner, session)
        if (before !== undefined) yield* before.close
        return session
      })
      return RunnerSessions.of({
        open,
        closed: (session) =>
          Effect.suspend(() => {
            session.demand = 0
            if (sessions.get(session.hello.runner) === session) sessions.delete(session.hello.runner)
            return Effect.void
          }),
        ask: (session, free) =>
          Effect.suspend(() => {
            const before = session.demand
            session.demand = session.draining ? 0 : Math.max(0, Math.min(free, session.hello.slots))
            return session.demand > before ? Effect.asVoid(PubSub.publish(demands, undefined)) : Effect.void
          }),
        drain: (session) => Effect.sync(() => Object.assign(session, { draining: true, demand: 0 })),
        keeps: (session, kept) => Effect.sync(() => Object.assign(session, { kept })),
        demands: Stream.fromPubSub(demands),
        hungry: Effect.sync(hungry),
        of: (runner) => Effect.sync(() => sessions.get(runner)),
        all: Effect.sync(() => [...sessions.values()]),
        workers: Effect.sync(() => [...sessions.values()].map(workerOf))
      })
    })
  )
}

const workerOf = ({ connectedAt, demand, hello }: Session): Worker => ({
  id: hello.runner,
  name: hello.name,
  sandbox: hello.sandbox,
  ...(hello.region === undefined ? {} : { region: hello.region }),
  version: hello.version,
  slots: hello.slots,
  busy: hello.slots - demand,
  connectedAt,
  controls: hello.controls
})
