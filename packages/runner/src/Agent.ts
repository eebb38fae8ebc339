/**
 * The worker agent: takes attempts from the server, runs each, keeps their leases. The server's word decides: what it
 * says is not held is stopped at once and never spoken of again.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type { Assignment, FromRunner, ToRunner } from "rgrid/api/RunnerProtocol"
import type { ExecutionId } from "rgrid/domain/Id"
import * as Timing from "rgrid/domain/Timing"
import { Sandbox } from "rgrid/ports/Sandbox"
import { AttemptClients } from "./attempt/AttemptClient.ts"
import * as Lease from "./attempt/Lease.ts"
import type { Tell } from "./attempt/progress.ts"
import { work, type WorkServices } from "./attempt/work.ts"
import { Cache } from "./Cache.ts"
import { Layers } from "./dependencies/Layers.ts"
import type { Identity } from "./identity.ts"
import * as ServerLink from "./ServerLink.ts"
import { Settings } from "./Settings.ts"
import { version } from "./version.ts"

/** `Starting` until the server welcomes us; `Draining` from the first sign of our end: nothing new is begun. */
export type AgentState = "Starting" | "Ready" | "Draining" | "Stopped"

/** A stopping machine gives no more: what is not told by then, the leases' end tells. */
const drainTime = "2 seconds"

/** Two renewals without a word, and a moment more: the connection is dead though nobody closed it. */
const longestSilence = 2.25

interface Held {
  readonly assignment: Assignment
  readonly lease: Lease.Lease
  fiber: Fiber.Fiber<void> | null
  /** Its script is over: only its end is still to be told. */
  isOver: boolean
}

interface Renewal {
  readonly sentAt: bigint
}

class Agent {
  state: AgentState = "Starting"
  readonly held = new Map<ExecutionId, Held>()
  readonly renewals = new Map<number, Renewal>()
  lastRenewal = 0
  /** What the server was last told of the cache. */
  toldKept = ""
  lease = Timing.lease
  renewal = Timing.renewal
  /** The period may be another now. */
  readonly welcomed = Latch.makeUnsafe(false)
  readonly slots: number
  /** As many scripts at a time as there are slots, whatever the server gives. */
  readonly places: Semaphore.Semaphore
  readonly link: ServerLink.ServerLink
  /** Attempts run in it. */
  readonly scope: Scope.Scope

  constructor(slots: number, link: ServerLink.ServerLink, scope: Scope.Scope) {
    this.slots = slots
    this.places = Semaphore.makeUnsafe(slots)
    this.link = link
    this.scope = scope
  }

  become(state: AgentState): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.state === state) return Effect.void
      const before = this.state
      this.state = state
      return Effect.logInfo("The runner's state changed", { before, state })
    })
  }

  running(): ReadonlyArray<{ readonly execution: ExecutionId; readonly fence: number }> {
    return [...this.held.values()].map(({ assignment: { execution, fence } }) => ({ execution, fence }))
  }

  /** A server that is slow to take ends is not given ever more of them. */
  asking(): FromRunner {
    const stopping = this.state === "Draining" || this.state === "Stopped"
    const over = [...this.held.values()].filter(({ isOver }) => isOver).length
    const free = this.slots - this.held.size + Math.min(over, this.slots)
    return { _tag: "Ask", free: stopping ? 0 : Math.max(0, free) }
  }
}

const ask = (agent: Agent): Effect.Effect<void> => Effect.suspend(() => agent.link.send(agent.asking()))

/** What is kept here changes only by attempts: it is told when one is over. `anew`: also what was told before. */
const tellKept = Effect.fnUntraced(function*(agent: Agent, anew: boolean) {
  const kept = { ...yield* Cache.use((cache) => cache.kept), layers: (yield* Layers).kept() }
  const text = JSON.stringify(kept)
  if (text === agent.toldKept && !anew) return
  agent.toldKept = text
  yield* agent.link.send({ _tag: "Cached", kept })
})

const forget = (agent: Agent, held: Held): Effect.Effect<void, never, Cache | Layers> =>
  Effect.suspend(() => {
    if (agent.held.get(held.assignment.execution) !== held) return Effect.void
    agent.held.delete(held.assignment.execution)
    return Effect.andThen(ask(agent), tellKept(agent, false))
  })

/** Its script dies, and nothing is told of it. */
const stop = (agent: Agent, held: Held): Effect.Effect<void> =>
  Effect.suspend(() => {
    agent.held.delete(held.assignment.execution)
    return held.fiber === null ? Effect.void : Effect.forkIn(Fiber.interrupt(held.fiber), agent.scope)
  }).pipe(Effect.andThen(ask(agent)))

const begin = Effect.fnUntraced(function*(agent: Agent, assignment: Assignment) {
  const { execution, fence } = assignment
  const known = agent.held.get(execution)
  if (known?.assignment.fence === fence) return
  if (known !== undefined) yield* stop(agent, known)
  const held: Held = { assignment, lease: yield* Lease.make(agent.lease), fiber: null, isOver: false }
  agent.held.set(execution, held)
  const tell: Tell = (progress) => agent.link.send({ _tag: "AttemptProgress", execution, fence, progress })
  const over = Effect.suspend(() => {
    held.isOver = true
    return ask(agent)
  })
  held.fiber = yield* work(assignment, held.lease, tell, (effect) => Effect.ensuring(agent.places.withPermit(effect), over)).pipe(
    Effect.ensuring(forget(agent, held)),
    Effect.forkIn(agent.scope)
  )
})

const refuse = (assignment: Assignment) =>
  AttemptClients.use((clients) => Effect.ignore(clients.of(assignment).lose("The runner is stopping.")))

type Renewed = Extract<ToRunner, { readonly _tag: "Renewed" }>

const renewed = Effect.fnUntraced(function*(agent: Agent, message: Renewed) {
  const renewal = agent.renewals.get(message.id)
  if (renewal === undefined) return
  agent.renewals.delete(message.id)
  for (const told of message.attempts) {
    const held = agent.held.get(told.execution)
    if (held === undefined || held.assignment.fence !== told.fence) continue
    if (!told.held) yield* stop(agent, held)
    else yield* held.lease.renewed(renewal.sentAt, agent.lease)
    if (told.cancelRequested) yield* held.lease.cancel
  }
})

const receive = (agent: Agent) => (message: ToRunner): Effect.Effect<void, never, WorkServices> => {
  switch (message._tag) {
    case "Welcome":
      agent.lease = Duration.seconds(message.leaseSeconds)
      agent.renewal = Duration.seconds(message.renewSeconds)
      agent.welcomed.openUnsafe()
      return Effect.andThen(agent.state === "Starting" ? agent.become("Ready") : Effect.void, tellKept(agent, true))
    case "Assign":
      return Effect.forEach(
        message.attempts,
        (assignment) =>
          agent.state === "Draining" ? Effect.forkIn(refuse(assignment), agent.scope) : begin(agent, assignment),
        { discard: true }
      ).pipe(Effect.andThen(ask(agent)))
    case "Renewed":
      return renewed(agent, message)
    case "Cancel":
      return agent.held.get(message.execution)?.lease.cancel ?? Effect.void
  }
}

/** Also with nothing to renew: the answer shows that the connection lives. */
const renewal = (agent: Agent): Effect.Effect<FromRunner> =>
  Effect.map(Clock.monotonicTimeNanos, (sentAt) => {
    const id = ++agent.lastRenewal
    agent.renewals.set(id, { sentAt })
    // Answers to older ones, lost with their connection, are not waited for.
    for (const old of agent.renewals.keys()) if (old <= id - 8) agent.renewals.delete(old)
    return { _tag: "Renew", id, attempts: agent.running() }
  })

const renewForever = (agent: Agent): Effect.Effect<never> =>
  Effect.gen(function*() {
    const again = yield* Effect.raceFirst(
      Effect.as(Effect.sleep(agent.renewal), false),
      Effect.as(agent.welcomed.await, true)
    )
    agent.welcomed.closeUnsafe()
    if (again) return
    if ((yield* agent.link.silence) > Duration.toMillis(agent.renewal) * longestSilence) yield* agent.link.cut
    else yield* agent.link.send(yield* renewal(agent))
  }).pipe(Effect.forever)

const hello = Effect.fnUntraced(function*(agent: Agent, identity: Identity) {
  const settings = yield* Settings
  const sandbox = yield* Sandbox
  const controls = yield* Effect.orElseSucceed(sandbox.controls, () => [])
  return Effect.sync((): FromRunner => ({
    _tag: "Hello",
    ...identity,
    name: settings.name,
    ...(settings.region === undefined ? {} : { region: settings.region }),
    version,
    sandbox: sandbox.name,
    slots: settings.slots,
    hourlyMicros: settings.hourlyMicros,
    controls: controls.map(({ detail, enforced, name }) => ({ name, enforced, detail })),
    running: agent.running()
  }))
})

/** First the script dies, then the server hears that its attempt is lost: another may begin at once. */
const giveUp = (agent: Agent, held: Held) =>
  Effect.gen(function*() {
    const client = (yield* AttemptClients).of(held.assignment)
    agent.held.delete(held.assignment.execution)
    if (held.fiber !== null) yield* Fiber.interrupt(held.fiber)
    yield* Effect.ignore(client.lose("The runner was stopped."))
  })

const drain = (agent: Agent) =>
  Effect.gen(function*() {
    yield* agent.become("Draining")
    yield* agent.link.send({ _tag: "Draining" })
    yield* Effect.forEach([...agent.held.values()], (held) => giveUp(agent, held), {
      concurrency: "unbounded",
      discard: true
    }).pipe(Effect.interruptible, Effect.timeoutOption(drainTime))
    yield* agent.become("Stopped")
  })

/** Serves until interrupted; then drains. */
export const run = (identity: Identity) =>
  Effect.gen(function*() {
    const settings = yield* Settings
    const link = ServerLink.make(settings)
    // Before the drain is registered, so that it ends after it: draining tells the server what is still held.
    const attempts = yield* Scope.fork(yield* Effect.scope)
    const agent = new Agent(settings.slots, link, attempts)
    const sayHello = yield* hello(agent, identity)
    const greeting = Effect.all([sayHello, Effect.sync(() => agent.asking()), renewal(agent)])
    yield* Effect.forkScoped(renewForever(agent))
    const linked = yield* Effect.forkScoped(link.run({ greeting, receive: receive(agent) }))
    yield* Effect.addFinalizer(() => drain(agent))
    return yield* Fiber.join(linked)
  }).pipe(Effect.scoped)
