/** One slot's container without the engine: a process of the runtime, with the slot's init at the end of two pipes. */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { type ChildProcessByStdio, spawn } from "node:child_process"
import { mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Readable, Writable } from "node:stream"
import type { SandboxError } from "rgrid/ports/Sandbox"
import { containerPath } from "../../attempt/place.ts"
import * as errors from "../docker/errors.ts"
import type { SlotContainer } from "../docker/SlotContainer.ts"
import * as InitConnection from "../../slot/InitConnection.ts"
import { slotsDirectory } from "../../slot/SlotDirectory.ts"
import { type BundlePlan, config } from "./bundle.ts"
import { command, remove, type Runtime, unavailable } from "./runtime.ts"

type Process = ChildProcessByStdio<Writable, Readable, Readable>

/** A start takes 0.05 s; a machine under heavy load, many times that. */
const startPatience = "30 seconds"

/** The end of its connection told the init to go. */
const endPatience = "6 seconds"

/** Beside the first version's hierarchies crun wants none of the second; every limit of ours is in the first then. */
const unified = "/sys/fs/cgroup/unified"

/**
 * The root is the image's files beneath an empty layer in memory, for the places of mounts. Both are mounted in a
 * namespace of their own: whatever becomes of the slot or of the runner, this machine has no mount too many.
 */
const enter = `cd "$1" && shift &&
{ [ "$1" != crun ] || [ ! -e ${unified}/cgroup.procs ] || umount ${unified}; } &&
mount -t tmpfs -o mode=755,size=4m rgrid layer && mkdir layer/upper layer/work &&
mount -t overlay -o lowerdir=lower,upperdir=layer/upper,workdir=layer/work rgrid root && exec "$@"`

export interface OciPlan extends BundlePlan {
  readonly runtime: Runtime
  /** Where the runtime keeps what it knows of its containers. */
  readonly root: string
  /** The image's files. */
  readonly lower: string
}

export const bundleOf = ({ settings, slot }: Pick<OciPlan, "settings" | "slot">): string =>
  join(slotsDirectory(settings.stateDirectory), slot, "bundle")

const write = async (plan: OciPlan): Promise<void> => {
  const bundle = bundleOf(plan)
  for (const name of ["", "layer", "root"]) await mkdir(join(bundle, name), { mode: 0o700 })
  await symlink(plan.lower, join(bundle, "lower"))
  await writeFile(join(bundle, "config.json"), JSON.stringify(config(plan)))
}

/** Its own session: a Ctrl-C in the runner's terminal is the runner's affair. */
const start = (plan: OciPlan): Effect.Effect<Process, SandboxError> =>
  Effect.callback((resume) => {
    const run = ["run", "--bundle", ".", "--pid-file", "pid", plan.slot]
    const child = spawn(
      "unshare",
      ["--mount", "sh", "-c", enter, "rgrid-slot", bundleOf(plan), ...command(plan.runtime, plan.root), ...run],
      { stdio: ["pipe", "pipe", "pipe"], cwd: "/", env: { PATH: process.env["PATH"] ?? containerPath }, detached: true }
    )
    child.once("spawn", () => resume(Effect.succeed(child)))
    child.once("error", (cause) => resume(Effect.fail(unavailable(`unshare: ${cause.message}`))))
  })

const exited = (child: Process): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
  })

/** The runtime forgets what ended by itself; what did not, or was cut off on its way, is made to. */
const bury = (plan: OciPlan, child: Process): Effect.Effect<void> => {
  const force = remove(plan.runtime, plan.root, plan.slot)
  return exited(child).pipe(
    Effect.timeoutOrElse({
      duration: endPatience,
      orElse: () =>
        force.pipe(
          Effect.andThen(Effect.sync(() => child.kill("SIGKILL"))),
          Effect.andThen(exited(child))
        )
    }),
    Effect.andThen(Effect.promise(() => stat(join(plan.root, plan.slot)).then(() => true, () => false))),
    Effect.flatMap((isKnown) => isKnown ? force : Effect.void)
  )
}

/** The last of what the runtime complained of. */
const complaints = (child: Process): () => string => {
  let said = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => said = (said + text).slice(-2000))
  return () => said.trim()
}

const readPid = async (plan: OciPlan): Promise<number> => {
  const pid = Number(await readFile(join(bundleOf(plan), "pid"), "utf8"))
  return pid > 0 ? pid : Promise.reject(new Error("the runtime told no pid"))
}

/** crun writes it before the init runs; runc a moment later. */
const pidOf = (plan: OciPlan): Effect.Effect<number, SandboxError> =>
  Effect.tryPromise({ try: () => readPid(plan), catch: errors.fromFiles(bundleOf(plan)) }).pipe(
    Effect.retry({ schedule: Schedule.spaced("2 millis"), times: 1000 })
  )

/** Resolves when the slot's init waits for its script. */
export const make = Effect.fnUntraced(function*(
  plan: OciPlan
): Effect.fn.Return<SlotContainer, SandboxError, Scope.Scope> {
  yield* Effect.tryPromise({ try: () => write(plan), catch: errors.fromFiles(bundleOf(plan)) })
  const child = yield* Effect.acquireRelease(start(plan), (child) => bury(plan, child))
  const said = complaints(child)
  const connection = yield* InitConnection.make(plan.slot, { readable: child.stdout, writable: child.stdin })
  const failed = Effect.suspend(() =>
    Effect.fail(said() === "" ? errors.slotLost(plan.slot, "its init did not start") : unavailable(said()))
  )
  yield* connection.ready.pipe(
    // The runtime says why just before it ends.
    Effect.catch(() => Effect.andThen(Effect.timeoutOption(exited(child), "1 second"), failed)),
    Effect.timeoutOrElse({
      duration: startPatience,
      orElse: () => Effect.fail(errors.slotLost(plan.slot, "the slot's init did not answer"))
    })
  )
  return { connection, pid: yield* pidOf(plan) }
})
