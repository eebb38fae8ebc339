/** One slot's container: created, attached, started; gone when the scope has closed. */
import type Docker from "dockerode"
import type { ContainerCreateOptions } from "dockerode"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { Duplex } from "node:stream"
import type { SandboxError } from "rgrid/ports/Sandbox"
import * as InitConnection from "../../slot/InitConnection.ts"
import * as Outlet from "../../slot/Outlet.ts"
import { slotsDirectory } from "../../slot/SlotDirectory.ts"
import { type ContainerPlan, createOptions } from "./container.ts"
import type { Engine } from "./Engine.ts"
import * as errors from "./errors.ts"
import { unwrapStdout } from "./multiplex.ts"
import { initPath } from "./settings.ts"

/** A start takes 0.15 s; a machine under heavy load, many times that. */
const startPatience = "30 seconds"

/** Kills and removes. Resolves when the engine knows the container no more. */
const removeOnce = async (container: Docker.Container): Promise<void> => {
  try {
    await container.remove({ force: true, v: true })
  } catch (cause) {
    if (errors.isStatus(cause, 404)) return
    // 409: its own end (AutoRemove) is removing it right now.
    if (!errors.isStatus(cause, 409)) throw cause
  }
  // An engine that answered may still be at it.
  await container.inspect().then(
    () => Promise.reject(new Error("the container is still being removed")),
    (cause: unknown) => errors.isStatus(cause, 404) ? undefined : Promise.reject(cause)
  )
}

/** Five seconds for an engine that is there; for one that is not, there is nothing to wait for. */
const patience = {
  schedule: Schedule.spaced("25 millis"),
  times: 200,
  while: (cause: unknown) => !errors.isAbsent(cause)
}

/** Never fails: what an absent engine keeps is removed by it when it is back, or found by `reclaim`. */
export const remove = (container: Docker.Container): Effect.Effect<void> =>
  Effect.tryPromise({ try: () => removeOnce(container), catch: (cause) => cause }).pipe(
    Effect.retry(patience),
    Effect.catch((cause) =>
      Effect.logWarning("A slot's container could not be removed", container.id, errors.describe(cause).message)
    )
  )

/**
 * Kills the init by its pid on this machine, for when the engine is gone and can't. Its kernel kills the rest.
 * The command line is compared first: the pid may belong to somebody else by now.
 */
const killByPid = (pid: number): Effect.Effect<void> =>
  Effect.promise(async () => {
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")
    if (command.startsWith(`${initPath}\0`)) process.kill(pid, "SIGKILL")
  }).pipe(Effect.ignoreCause)

const attach = (engine: Engine, container: Docker.Container): Effect.Effect<Duplex, SandboxError> =>
  engine.call(async () => {
    const stream = await container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true })
    if (!(stream instanceof Duplex)) throw new Error("The engine gave no connection to the container.")
    return stream
  })

const create = (
  engine: Engine,
  plan: ContainerPlan,
  options: ContainerCreateOptions
): Effect.Effect<Docker.Container, SandboxError, Scope.Scope> =>
  Effect.acquireRelease(
    // Known by its name from before the request: even one whose answer is lost gets removed.
    engine.call(() => engine.docker.createContainer(options)).pipe(
      Effect.tapError(() => remove(engine.docker.getContainer(`rgrid-${plan.slot}`)))
    ),
    remove
  )

export interface SlotContainer {
  /** To the slot's init, waiting for its script. */
  readonly connection: InitConnection.InitConnection
  /** Of the init, as the engine has it. */
  readonly pid: number
}

/** Resolves when the slot's init waits for its script. */
export const make = Effect.fnUntraced(function*(
  engine: Engine,
  plan: ContainerPlan,
  options: ContainerCreateOptions = createOptions(plan),
  outlet: Outlet.Outlet | null = null
): Effect.fn.Return<SlotContainer, SandboxError, Scope.Scope> {
  const container = yield* create(engine, plan, options)
  const stream = yield* attach(engine, container)
  const connection = yield* InitConnection.make(plan.slot, {
    readable: stream,
    writable: stream,
    unwrap: unwrapStdout(),
    ...(outlet === null ? {} : { outlet })
  })
  yield* engine.call(() => container.start())
  const { State } = yield* engine.call(() => container.inspect())
  yield* connection.died.pipe(
    Effect.andThen(killByPid(State.Pid)),
    Effect.when(Effect.succeed(State.Pid > 0)),
    Effect.forkScoped
  )
  yield* connection.ready.pipe(
    Effect.timeoutOrElse({
      duration: startPatience,
      orElse: () => Effect.fail(errors.slotLost(plan.slot, "the slot's init did not answer"))
    })
  )
  yield* outlet?.close ?? Effect.void
  return { connection, pid: State.Pid }
})

/** Likewise, with an init that speaks past the engine: for one whose processes have this machine's own kernel. */
export const makeBeside = Effect.fnUntraced(function*(engine: Engine, plan: ContainerPlan) {
  const outlet = yield* Outlet.make(join(slotsDirectory(plan.settings.stateDirectory), plan.slot, "outlet"))
  const options = createOptions(outlet === null ? plan : { ...plan, outlet: outlet.path })
  return yield* make(engine, plan, options, outlet)
})
