/** One slot's container without the engine: a process of the runtime, with the slot's init at the end of a connection. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { existsSync, readFileSync } from "node:fs"
import { open } from "node:fs/promises"
import type { Socket } from "node:net"
import { join } from "node:path"
import type { SandboxError } from "rgrid/ports/Sandbox"
import * as errors from "../docker/errors.ts"
import type { SlotContainer } from "../docker/SlotContainer.ts"
import * as InitConnection from "../../slot/InitConnection.ts"
import { slotsDirectory } from "../../slot/SlotDirectory.ts"
import { type BundlePlan, config } from "./bundle.ts"
import type { Filter } from "./Filter.ts"
import { command, remove, type Runtime, unavailable } from "./runtime.ts"
import type { Starter } from "./Starter.ts"

/** A start takes 0.02 s; a machine under heavy load, many times that. */
const startPatience = "30 seconds"

/** The end of its connection told the init to go. */
const endPatience = "6 seconds"

export interface OciPlan extends BundlePlan {
  readonly runtime: Runtime
  readonly starter: Starter
  readonly filter: Filter
  /** Where the runtime keeps what it knows of its containers. */
  readonly root: string
  /** The image's files. */
  readonly lower: string
}

const directoryOf = ({ settings, slot }: OciPlan): string => join(slotsDirectory(settings.stateDirectory), slot)

const start = (plan: OciPlan): Effect.Effect<Socket, SandboxError> => {
  const directory = directoryOf(plan)
  const run = ["run", "--bundle", ".", "--pid-file", join(directory, "pid"), plan.slot]
  const args = [...command(plan.runtime, plan.root), ...run]
  return plan.starter.start({ directory, lower: plan.lower, config: JSON.stringify(config(plan)), args })
}

/** Takes the runtime's pid off what comes first. */
class Head {
  /** Of the runtime; 0 until it told. */
  pid = 0
  private bytes = Buffer.alloc(0)

  readonly unwrap = (chunk: Uint8Array): ReadonlyArray<Uint8Array> => {
    if (this.pid > 0) return [chunk]
    this.bytes = Buffer.concat([this.bytes, chunk])
    if (this.bytes.length < 4) return []
    this.pid = this.bytes.readUInt32LE(0)
    return [this.bytes.subarray(4)]
  }
}

/** The runtime holds its end for as long as it lives. */
const exited = (socket: Socket): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (socket.closed) return resume(Effect.void)
    socket.once("close", () => resume(Effect.void))
  })

/** Not one that has ended: its pid may belong to somebody else by now. */
const kill = (socket: Socket, { pid }: Head): Effect.Effect<void> =>
  Effect.ignore(Effect.try(() => pid > 0 && !socket.closed && process.kill(pid, "SIGKILL")))

/** Given up while it started, it has nobody who reads it, and who is not read never closes. */
const letGo = (socket: Socket, head: Head): void => {
  socket.on("data", head.unwrap).end()
  socket.resume()
}

/** The runtime forgets what ended by itself; what did not, or was cut off on its way, is made to. */
const bury = Effect.fnUntraced(function*(plan: OciPlan, socket: Socket, head: Head) {
  const force = remove(plan.runtime, plan.root, plan.slot)
  const patient = Effect.timeoutOption(exited(socket), endPatience)
  letGo(socket, head)
  if (Option.isNone(yield* patient)) {
    yield* force
    yield* kill(socket, head)
    yield* patient
    socket.destroy()
  }
  if (existsSync(join(plan.root, plan.slot))) yield* force
})

/** Of what the runtime complained of. */
const complaintBytes = 2000

const endOf = async (path: string): Promise<string> => {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(complaintBytes), position: Math.max(0, size - complaintBytes) })
    return buffer.toString("utf8", 0, bytesRead).trim()
  } finally {
    await file.close()
  }
}

/** The last of what the runtime complained of: all of it may be as much as a disk holds. */
const complaints = (plan: OciPlan): Effect.Effect<string> =>
  Effect.promise(() => endOf(join(directoryOf(plan), "said")).catch(() => ""))

const readPid = (plan: OciPlan): number => {
  const pid = Number(readFileSync(join(directoryOf(plan), "pid"), "utf8"))
  if (pid > 0) return pid
  throw new Error("the runtime told no pid")
}

/** crun writes it before the init runs; runc a moment later. */
const pidOf = (plan: OciPlan): Effect.Effect<number, SandboxError> =>
  Effect.try({ try: () => readPid(plan), catch: errors.fromFiles(directoryOf(plan)) }).pipe(
    Effect.retry({ schedule: Schedule.spaced("2 millis"), times: 1000 })
  )

/** Resolves when the slot's init waits for its script. */
export const make = Effect.fnUntraced(function*(
  plan: OciPlan
): Effect.fn.Return<SlotContainer, SandboxError, Scope.Scope> {
  const head = new Head()
  const socket = yield* Effect.acquireRelease(start(plan), (socket) => bury(plan, socket, head))
  const link = { readable: socket, writable: socket, unwrap: head.unwrap, isAwaited: true }
  const connection = yield* InitConnection.make(plan.slot, link)
  const failed = Effect.flatMap(complaints(plan), (said) =>
    Effect.fail(said === "" ? errors.slotLost(plan.slot, "its init did not start") : unavailable(said)))
  yield* connection.ready.pipe(
    Effect.catch(() => failed),
    Effect.timeoutOrElse({
      duration: startPatience,
      orElse: () => Effect.fail(errors.slotLost(plan.slot, "the slot's init did not answer"))
    })
  )
  plan.filter.learn(plan.slot)
  return { connection, pid: yield* pidOf(plan) }
})
