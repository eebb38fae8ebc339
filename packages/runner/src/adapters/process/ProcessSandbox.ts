/**
 * Slots as plain processes of the worker, for machines without a container engine.
 *
 * It isolates nothing and says so: a script runs as the runner's own user, sees its files and its network, and is under
 * no limit. What remains are the init's own promises: streams byte for byte, a deadline, and nothing left running.
 * A script finds its workspace at the slot's own directory; nothing can be mounted at the caller's.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { type ChildProcessByStdio, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { join } from "node:path"
import type { Readable, Writable } from "node:stream"
import {
  type Control,
  DiskFull,
  Sandbox,
  SandboxError,
  SandboxUnavailable,
  type Slot,
  type SlotRequest,
  type SlotStart
} from "rgrid/ports/Sandbox"
import { allOrNothing } from "../../slot/allOrNothing.ts"
import * as contents from "../../slot/contents.ts"
import * as InitConnection from "../../slot/InitConnection.ts"
import * as initBinary from "../../slot/initBinary.ts"
import * as SlotDirectory from "../../slot/SlotDirectory.ts"
import * as programs from "./programs.ts"

export interface ProcessSettings {
  /** A directory of the runner's own; slots live beneath it. */
  readonly stateDirectory: string
}

type Init = ChildProcessByStdio<Writable, Readable, null>

const unavailable = (detail: string): SandboxError =>
  new SandboxError({ reason: new SandboxUnavailable({ sandbox: "process", detail }) })

const isDiskFull = (cause: unknown): boolean => /\bE(NOSPC|DQUOT)\b/.test(String(cause))

const fromFiles = (path: string) => (cause: unknown): SandboxError =>
  isDiskFull(cause) ? new SandboxError({ reason: new DiskFull({ path }) }) : unavailable(`${path}: ${String(cause)}`)

const hold = (name: string, detail: string): Control => ({ name, enforced: true, detail })
const lack = (name: string, detail: string): Control => ({ name, enforced: false, detail })

const nothing = "Scripts are plain processes of the runner; use the Docker sandbox to isolate them."

const controls: ReadonlyArray<Control> = [
  ...[
    "separate user",
    "capabilities",
    "seccomp",
    "read-only root",
    "no host namespaces",
    "memory",
    "no swap",
    "cpu",
    "processes",
    "open files",
    "workspace quota",
    "no inbound network",
    "metadata addresses",
    "private networks"
  ].map((name) => lack(name, nothing)),
  hold("no new privileges", "Set by the init: setuid programs give nothing."),
  hold("no core dumps", "Their size limit is 0."),
  hold("no logs on the host", "The runner reads the output as it comes."),
  hold("deadline", "The slot's init kills everything when its deadline passes or its runner is gone.")
]

const installInit = (stateDirectory: string): Effect.Effect<string, SandboxError> => {
  const source = process.platform === "linux" ? initBinary.prebuilt(process.arch) : undefined
  return source === undefined
    ? Effect.fail(unavailable(
      `Scripts can't run as plain processes on ${process.platform} (${process.arch}): ` +
        "that needs Linux on x64 or arm64. Install Docker to run them here."
    ))
    : Effect.tryPromise({
      try: () => initBinary.install(stateDirectory, source),
      catch: fromFiles(stateDirectory)
    })
}

/** Its own session: a Ctrl-C in the runner's terminal is the runner's affair. Its environment is empty. */
const spawnInit = (program: string): Effect.Effect<Init, SandboxError> =>
  Effect.callback((resume) => {
    const child = spawn(program, ["--host"], { stdio: ["pipe", "pipe", "ignore"], cwd: "/", env: {}, detached: true })
    child.once("spawn", () => resume(Effect.succeed(child)))
    child.once("error", (cause) => resume(Effect.fail(unavailable(`${program}: ${cause.message}`))))
  })

const exited = (child: Init): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
  })

/** The connection's end, just before, told the init to kill everything and go. Its patience is five seconds. */
const bury = (child: Init): Effect.Effect<void> =>
  exited(child).pipe(
    Effect.timeoutOrElse({
      duration: "6 seconds",
      orElse: () => Effect.sync(() => child.kill("SIGKILL"))
    }),
    Effect.asVoid
  )

const prepare = Effect.fnUntraced(function*(
  { stateDirectory }: ProcessSettings,
  init: string,
  live: Set<string>
): Effect.fn.Return<Slot, SandboxError, Scope.Scope> {
  const slot = `slot-${randomBytes(8).toString("hex")}`
  yield* Effect.acquireRelease(Effect.sync(() => live.add(slot)), () => Effect.sync(() => live.delete(slot)))
  const runner = { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 }
  const directory = yield* SlotDirectory.make({
    stateDirectory,
    slot,
    ...runner,
    onError: fromFiles(stateDirectory)
  })
  const child = yield* Effect.acquireRelease(spawnInit(init), bury)
  const connection = yield* InitConnection.make(slot, { readable: child.stdout, writable: child.stdin })
  yield* connection.ready
  const { workspace } = directory
  // Nothing can be mounted: scripts see this machine's own files.
  const session = {
    workspace,
    outside: new Map<string, string>(),
    overlay: runner,
    own: Effect.void,
    run: (start: SlotStart) => connection.run(start, workspace)
  }
  const open = (request: SlotRequest) =>
    Effect.tryPromise({
      try: () => SlotDirectory.linkPlaces(directory, request),
      catch: fromFiles(stateDirectory)
    }).pipe(Effect.as(session))
  return {
    id: slot,
    digest: null,
    environment: {},
    open,
    // This machine's temporary files and shared memory are not the slot's: what a script left of them stays.
    reset: Effect.andThen(connection.reset([]), contents.renew(slot, directory)),
    died: connection.died
  }
})

const reclaim = ({ stateDirectory }: ProcessSettings, live: ReadonlySet<string>): Effect.Effect<number> =>
  Effect.gen(function*() {
    // Processes are no matter: every init ended with the runner it belonged to.
    const old = (yield* SlotDirectory.list(stateDirectory)).filter((name) => !live.has(name))
    const directory = SlotDirectory.slotsDirectory(stateDirectory)
    yield* Effect.forEach(old, (name) => SlotDirectory.remove(join(directory, name)), { discard: true })
    return old.length
  })

/** Fails with `SandboxUnavailable` anywhere but on Linux. */
export const make = (settings: ProcessSettings): Effect.Effect<Sandbox["Service"], SandboxError> =>
  Effect.map(installInit(settings.stateDirectory), (init) => {
    const live = new Set<string>()
    return {
      name: "process",
      controls: Effect.succeed(controls),
      // They are all alike: nothing is set for one, nothing mounted.
      kindOf: () => "process",
      prepare: () => allOrNothing(prepare(settings, init, live)),
      identify: (_, program) => programs.identify(program),
      pulling: () => Effect.succeed(null),
      reclaim: reclaim(settings, live)
    }
  })

/** `Sandbox` without any isolation. */
export const layer = (settings: ProcessSettings): Layer.Layer<Sandbox, SandboxError> =>
  Layer.effect(Sandbox, make(settings))
