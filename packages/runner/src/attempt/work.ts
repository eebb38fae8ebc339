/** One attempt from its assignment to its settlement. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Stream from "effect/Stream"
import type * as HttpClient from "effect/http/HttpClient"
import { join } from "node:path"
import type { SettleRequest } from "rgrid/api/Attempts"
import type { Assignment } from "rgrid/api/RunnerProtocol"
import { emptyManifest, type OutputManifest } from "rgrid/domain/Execution"
import type { Phases } from "rgrid/domain/ExecutionEvent"
import type { JobSpec } from "rgrid/domain/JobSpec"
import { Sandbox, type SandboxError, type SlotExit, type SlotRequest } from "rgrid/ports/Sandbox"
import { Cache } from "../Cache.ts"
import type { Refused } from "../dependencies/build.ts"
import type { Layers } from "../dependencies/Layers.ts"
import { Settings } from "../Settings.ts"
import { type OpenSlot, Slots } from "../Slots.ts"
import { StateDirectory } from "../StateDirectory.ts"
import { type AttemptClient, AttemptClients, Lost, type Stale } from "./AttemptClient.ts"
import { collect } from "./collect.ts"
import * as command from "./command.ts"
import * as dependencies from "./dependencies.ts"
import * as ending from "./ending.ts"
import type { FileTrouble } from "./FileTrouble.ts"
import * as inputs from "./inputs.ts"
import type { Lease } from "./Lease.ts"
import * as LogShipper from "./LogShipper.ts"
import * as place from "./place.ts"
import { fromFiles, fromServer } from "./stdin.ts"
import { InputMisplaced } from "./places.ts"
import { snapshot, type Tree } from "./snapshot.ts"
import { type Tell, telling } from "./progress.ts"
import { millisSince, timed } from "./timed.ts"
import { supervise } from "./supervise.ts"
import { upload } from "./uploads.ts"
import { Workspace } from "./Workspace.ts"

export type WorkServices =
  | AttemptClients
  | Cache
  | Layers
  | HttpClient.HttpClient
  | Sandbox
  | Settings
  | Slots
  | StateDirectory
  | Workspace

/** One attempt and all that acts on it. */
interface Attempt {
  readonly assignment: Assignment
  readonly spec: JobSpec
  readonly lease: Lease
  readonly client: AttemptClient
  readonly shipper: LogShipper.LogShipper
  readonly tell: Tell
  readonly inPlace: InPlace
}

/** Holds one of the runner's places meanwhile: waits for one, and gives it back before the end is told. */
export type InPlace = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

interface Prepared {
  readonly took: Pick<Phases, "prepareMillis" | "installMillis" | "slotMillis" | "inputsMillis">
  readonly slot: OpenSlot
  readonly request: SlotRequest
  readonly installed: dependencies.Installed | null
  /** What stood in it before the script started. */
  readonly trees: ReadonlyArray<Tree>
}

type Trouble = Refused | SandboxError | FileTrouble | InputMisplaced | Stale | Lost

interface Result {
  readonly outcome: ending.Outcome
  readonly exit: SlotExit | null
  readonly manifest: OutputManifest
  /** Null when no script ran. */
  readonly phases: Phases | null
  /** Of the image the script ran in. */
  readonly digest: string | null
}

/** A slot with everything in it that the script may find. The slot is made while the inputs are still coming. */
const prepare = Effect.fnUntraced(function*({ assignment, client, spec, tell }: Attempt) {
  const workspace = yield* Workspace
  const settings = yield* Settings
  const { name } = yield* Sandbox
  const refused = place.refused(name, spec)
  // Before anything is pulled, made or fetched for it.
  if (refused !== null) return yield* new InputMisplaced({ path: refused, detail: "No slot has a place for it." })
  const asked = { ...place.slotRequest(spec, settings.defaults), tenant: assignment.account }
  const shared = spec.isolation === "batch" ? assignment.batch : undefined
  const acquire = Effect.gen(function*() {
    const installed = yield* dependencies.install(assignment, asked.image, client, tell)
    const request = dependencies.mounted(name, spec, asked, installed)
    const slot = yield* telling(request.image, tell)(Slots.use((slots) => slots.acquire(request, shared)))
    return { slot, request, installed }
  })
  const began = yield* Clock.monotonicTimeNanos
  const [[{ installed, request, slot }, acquireMillis], [, inputsMillis]] = yield* Effect.all(
    [timed(acquire), timed(inputs.bring(spec, client))],
    { concurrency: "unbounded" }
  )
  const ground = place.ground(name, slot, request)
  yield* workspace.fill(ground, spec)
  yield* slot.own
  const trees = yield* snapshot(ground, spec)
  const took = {
    prepareMillis: millisSince(began, yield* Clock.monotonicTimeNanos),
    ...(installed === null ? {} : { installMillis: installed.millis }),
    slotMillis: acquireMillis - (installed?.millis ?? 0),
    inputsMillis
  }
  return { slot, request, installed, trees, took } satisfies Prepared
})

const stdinOf = (
  spec: JobSpec,
  client: AttemptClient,
  pathOf: Cache["Service"]["path"]
): Stream.Stream<Uint8Array> | undefined => {
  if (spec.stdin === undefined) return undefined
  return spec.stdin === "streamed" ? fromServer(client) : fromFiles(spec.stdin.parts.map(pathOf))
}

const start = Effect.fnUntraced(function*({ assignment, client, lease, spec }: Attempt, prepared: Prepared) {
  const { installed, request, slot } = prepared
  const sandbox = yield* Sandbox
  const surroundings = place.surroundings(sandbox.name, slot, request, yield* Settings, spec)
  const stdin = stdinOf(spec, client, (yield* Cache).path)
  const run = yield* slot.run({
    argv: command.argv(spec, surroundings.workdir),
    env: dependencies.environment(sandbox.name, installed, command.environment(assignment, surroundings)),
    ...(stdin === undefined ? {} : { stdin }),
    deadline: yield* lease.left
  })
  yield* lease.follow(run.extend)
  return run
})

/** Runs the script to its end; its output is shipped beside, and may still be on its way when this returns. */
const execute = Effect.fnUntraced(function*(attempt: Attempt, prepared: Prepared) {
  const { lease, shipper, spec } = attempt
  const run = yield* start(attempt, prepared)
  const [{ exit, intervention }] = yield* Effect.all([
    supervise(run, { timeoutSeconds: spec.timeoutSeconds, canceled: lease.canceled }),
    shipper.consume(run.output)
  ], { concurrency: "unbounded" })
  const outcome = ending.ofExit(exit, {
    intervention,
    timeoutSeconds: spec.timeoutSeconds,
    memoryLimitBytes: prepared.request.limits.memoryBytes,
    stderr: yield* shipper.stderrTail,
    spec
  })
  return { exit, outcome }
})

const bringBack = Effect.fnUntraced(function*({ client }: Attempt, { trees }: Prepared) {
  const manifest = yield* collect(trees)
  yield* upload(trees, manifest, client)
  return manifest
})

const nothingRan = (outcome: ending.Outcome): Result => ({ outcome, exit: null, manifest: emptyManifest, phases: null, digest: null })

const lost = (detail: string): Result => nothingRan({ _tag: "Lost", detail })

/** Every way an attempt comes to an end but staleness, which ends the telling itself. */
const resultOf = (spec: JobSpec) => (trouble: Trouble): Effect.Effect<Result, Stale> => {
  switch (trouble._tag) {
    case "Stale":
      return Effect.fail(trouble)
    case "Refused":
      return Effect.succeed(nothingRan(ending.ofRefused(spec.dependencies?.declared ?? "", trouble)))
    case "SandboxError":
      return Effect.succeed(nothingRan(ending.ofRefusal(trouble.reason, spec.runtime)))
    case "Lost":
      return Effect.succeed(lost(trouble.detail))
    case "FileTrouble":
      return Effect.succeed(lost(`The worker's disk failed at ${trouble.path}: ${trouble.detail}`))
    case "InputMisplaced":
      return Effect.as(
        Effect.logInfo("An input can't be placed", { path: trouble.path, detail: trouble.detail }),
        nothingRan(ending.ofMisplaced(trouble.path))
      )
  }
}

/** From the slot to the collected outputs. A cancel before the start needs no script to be stopped. */
const perform = Effect.fnUntraced(function*(attempt: Attempt) {
  const prepared = yield* Effect.raceFirst(
    prepare(attempt),
    Effect.as(attempt.lease.canceled, null)
  )
  if (prepared === null) return nothingRan(ending.canceled)
  const [{ exit, outcome }, runMillis] = yield* timed(execute(attempt, prepared))
  if (outcome._tag === "Lost") return yield* new Lost({ detail: outcome.detail })
  const [manifest, outputsMillis] = yield* timed(bringBack(attempt, prepared))
  const phases = { ...prepared.took, runMillis, outputsMillis }
  return { exit, outcome, manifest, phases, digest: prepared.slot.digest } satisfies Result
  // The slot is free for another before this one's end is told; after a loss, it is gone by then.
}, Effect.scoped)

const requestOf = (told: ending.Told, result: Result, log: LogShipper.LogSummary): SettleRequest => ({
  ...told,
  usage: result.exit === null
    ? null
    : { cpuMicros: result.exit.cpuMicros, peakMemoryBytes: result.exit.peakMemoryBytes },
  manifest: result.manifest,
  ...(result.phases === null ? {} : { phases: result.phases }),
  ...(result.digest === null ? {} : { runtimeDigest: result.digest }),
  log
})

/** The log's rest goes with it; when the server's log turns out to end elsewhere, what it lacks is sent first. */
const settle = (attempt: Attempt, told: ending.Told, result: Result): Effect.Effect<void, Stale | Lost | FileTrouble> =>
  attempt.shipper.ship.pipe(
    Effect.andThen(attempt.shipper.summary),
    Effect.flatMap((log) => attempt.client.settle(requestOf(told, result, log))),
    Effect.catchTag("LogOffsetMismatch", ({ length }) =>
      Effect.andThen(attempt.shipper.goOnFrom(length), settle(attempt, told, result)))
  )

/** The server is told that an attempt has begun once it has lasted so long: of many, nobody would see it in time. */
const startedDelay = "100 millis"

/** An item's output waits for its end so long: of many, nobody reads along. */
const itemPatience = "50 millis"

/** Everything up to what is told at the end. Shipping and announcing go on beside; if they fail, all of it does. */
const run = Effect.fnUntraced(function*(attempt: Attempt) {
  const { client, inPlace, shipper, spec } = attempt
  const shipping = yield* Effect.forkChild(shipper.ship)
  const result = yield* inPlace(Effect.gen(function*() {
    // What ends sooner is told with its end.
    const starting = yield* Effect.forkChild(Effect.delay(client.started, startedDelay))
    const beside = Effect.all([Fiber.join(starting), Fiber.join(shipping)], { concurrency: "unbounded" })
    return yield* Effect.raceFirst(perform(attempt), Effect.andThen(beside, Effect.never)).pipe(
      Effect.catch(resultOf(spec)),
      Effect.ensuring(Fiber.interrupt(starting))
    )
  }))
  if (result.outcome._tag === "Lost") return yield* new Lost({ detail: result.outcome.detail })
  yield* shipper.end
  yield* Fiber.join(shipping)
  yield* settle(attempt, result.outcome.told, result)
})

const loseAfter = (trouble: Lost | FileTrouble): string =>
  trouble._tag === "Lost" ? trouble.detail : `The worker's disk failed at ${trouble.path}: ${trouble.detail}`

/**
 * Does the whole attempt and tells the server its end. Interrupted, it stops the script and tells nothing: whoever
 * interrupts knows why. Never fails.
 */
export const work: (
  assignment: Assignment,
  lease: Lease,
  tell: Tell,
  inPlace: InPlace
) => Effect.Effect<void, never, WorkServices> = Effect
  .fnUntraced(function*(assignment: Assignment, lease: Lease, tell: Tell, inPlace: InPlace) {
    const { execution, fence, spec } = assignment
    const client = (yield* AttemptClients).of(assignment)
    const { spool } = yield* StateDirectory
    const lose = (detail: string) =>
      Effect.andThen(Effect.logWarning("The attempt is lost", { detail }), client.lose(detail))
    yield* LogShipper.make({
      client,
      spool: join(spool, `${execution}-${fence}`),
      secrets: spec.secrets,
      ...(assignment.batch === undefined ? {} : { patience: itemPatience })
    }).pipe(
      Effect.flatMap((shipper) => run({ assignment, spec, lease, client, shipper, tell, inPlace })),
      // The slot is gone before the server may give the work to another.
      Effect.scoped,
      Effect.catchTags({
        Lost: (trouble) => lose(loseAfter(trouble)),
        FileTrouble: (trouble) => lose(loseAfter(trouble))
      }),
      Effect.catchTags({
        Stale: () => Effect.logInfo("The attempt is no longer ours"),
        Lost: ({ detail }) => Effect.logError("The server took no word of the attempt's loss", { detail })
      }),
      Effect.catchDefect((defect) =>
        Effect.andThen(
          Effect.logError("The runner failed at an attempt", defect),
          Effect.ignore(client.lose("The runner failed at it."))
        )
      ),
      Effect.annotateLogs({ execution, attempt: fence })
    )
  })
