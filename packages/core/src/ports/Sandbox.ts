/**
 * Where a script runs on a worker: the port to containers, processes and, later, micro-VMs.
 *
 * A sandbox prepares a **slot** ahead of need (image there, container started, limits and network set, init waiting).
 * An attempt opens it for one **session**; afterwards the slot is destroyed, or reset for the next item of the same
 * batch. Destruction is the slot's scope closing: whatever the script left behind (processes, temporary files, mounts,
 * networks) is gone when the scope's close returns.
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"

/** The sandbox itself can't be used: no engine, or an engine that refuses. Retrying helps once the machine changes. */
export class SandboxUnavailable extends Schema.TaggedError<SandboxUnavailable>()("SandboxUnavailable", {
  sandbox: Schema.String,
  detail: Schema.String
}) {
  readonly isRetryable: boolean = true
}

/** No registry and no local store has the image. Final for the attempt. */
export class ImageNotFound extends Schema.TaggedError<ImageNotFound>()("ImageNotFound", {
  image: Schema.String,
  detail: Schema.String
}) {
  readonly isRetryable: boolean = false
}

/** The program to start does not exist in the slot or may not be executed. Final: it is the script's own failure. */
export class StartRefused extends Schema.TaggedError<StartRefused>()("StartRefused", {
  program: Schema.String,
  /** The system's error name, `ENOENT` or `EACCES` mostly. */
  code: Schema.String
}) {
  readonly isRetryable: boolean = false
}

/** The slot ended under the attempt (engine restarted, init killed, connection cut). A new attempt may succeed. */
export class SlotLost extends Schema.TaggedError<SlotLost>()("SlotLost", {
  slot: Schema.String,
  detail: Schema.String
}) {
  readonly isRetryable: boolean = true
}

/** The worker's disk is full. A new attempt may succeed elsewhere. */
export class DiskFull extends Schema.TaggedError<DiskFull>()("DiskFull", { path: Schema.String }) {
  readonly isRetryable: boolean = true
}

export const SandboxReason = Schema.Union([SandboxUnavailable, ImageNotFound, StartRefused, SlotLost, DiskFull])

/** Every way in which a sandbox fails. `reason` tells which and whether another attempt may help. */
export class SandboxError extends Schema.TaggedError<SandboxError>()("SandboxError", { reason: SandboxReason }) {
  override get message(): string {
    return `${this.reason._tag}: ${JSON.stringify({ ...this.reason })}`
  }
}

/** What one slot may use. Absent means "as much as the sandbox's machine has". */
export interface SlotLimits {
  /** Cores, fractions allowed. */
  readonly cpu?: number
  /** Bytes; swap is never added to it. */
  readonly memoryBytes?: number
  /** Processes and threads. Default 256. */
  readonly pids?: number
}

/** A directory of the runner's that a script sees beside its own. */
export interface Mount {
  /** On this worker: absolute, there for as long as the slot is. */
  readonly source: string
  /**
   * Where the script sees it: clean and absolute. A sandbox that can't mount has a link there if it is beneath `workdir`;
   * else its scripts see `source` itself.
   */
  readonly at: string
  readonly writable: boolean
}

/** What an attempt needs of its slot. `Sandbox.kindOf` tells which requests one idle slot could serve alike. */
export interface SlotRequest {
  /** Image reference as a user would pull it. The process sandbox ignores it. */
  readonly image: string
  /**
   * Whose script it is. What outlives a slot (a network namespace, say) is never handed from one tenant to another.
   * Absent: nobody's yet; the slot may be opened for anyone, once.
   */
  readonly tenant?: string
  /** Absolute path at which the script sees the workspace: the caller's working directory, or `/work`. */
  readonly workdir: string
  /**
   * Directories outside `workdir` that the script sees at these very paths: clean, absolute, sorted, none beneath
   * another or beneath `workdir`. One may be above `workdir`, which then stands in it.
   */
  readonly outside: ReadonlyArray<string>
  /** Absent: none. */
  readonly mounts?: ReadonlyArray<Mount>
  /**
   * The slot is made with its directories in place. For a request whose directories no slot made ahead could be given:
   * `Slot.open` failed.
   */
  readonly inPlace?: boolean
  readonly limits: SlotLimits
  /** `open`: outbound as the sandbox's policy has it. `none`: loopback only. */
  readonly network: "open" | "none"
}

export interface OutputChunk {
  readonly stream: "stdout" | "stderr"
  readonly bytes: Uint8Array
}

/** How the script ended, as the slot's init saw it. */
export interface SlotExit {
  /** Exit status; `null` when a signal ended it. */
  readonly code: number | null
  /** Signal number; `null` when it exited. */
  readonly signal: number | null
  /** `deadline`: the slot's own deadline (the lease) passed and the init killed everything. */
  readonly reason: "exited" | "deadline"
  /** The kernel killed at least one process of the slot for memory, whatever the exit status says. */
  readonly oomKilled: boolean
  /**
   * Bytes, `null` where the machine can't tell. Of all in the slot together; where that can't be told, or the slot was
   * used before, of its largest process.
   */
  readonly peakMemoryBytes: number | null
  /** CPU time of the script and all it started, microseconds. */
  readonly cpuMicros: number
}

export interface SlotStart {
  /** Program and arguments. A program without a slash is looked up in `env.PATH`. */
  readonly argv: readonly [string, ...Array<string>]
  /** The script's whole environment. Never stored in the container's configuration. */
  readonly env: Readonly<Record<string, string>>
  /** What the script reads on stdin. Absent: an empty stdin. */
  readonly stdin?: Stream.Stream<Uint8Array>
  /** The slot kills itself this long after the start unless `extend` is called first. */
  readonly deadline: Duration.Duration
}

/** One attempt, running. */
export interface SlotRun {
  /**
   * Both streams, in the order of arrival, each byte once. Pulling slowly pauses the script's writes; nothing is
   * buffered without bound and nothing is cut. Ends after the last byte. Can be consumed once.
   */
  readonly output: Stream.Stream<OutputChunk, SandboxError>
  /** Resolves when no process of the slot is alive and every output byte has been handed over. Repeatable. */
  readonly exit: Effect.Effect<SlotExit, SandboxError>
  /** Sends a signal to every process of the script (9 = SIGKILL to the whole tree). Does not wait. Idempotent. */
  readonly signal: (signal: number) => Effect.Effect<void>
  /** Moves the deadline to `deadline` from now. Does not wait. */
  readonly extend: (deadline: Duration.Duration) => Effect.Effect<void>
}

/** One attempt's use of a slot. */
export interface Session {
  /**
   * Directory on the worker that the script sees at `SlotRequest.workdir`. Empty at first; the runner fills it before
   * `run` and reads it after `exit`.
   */
  readonly workspace: string
  /**
   * By their paths in `SlotRequest.outside`, the directories on the worker that the script sees there: filled as the
   * workspace is. A sandbox that can't mount has none; its scripts see the worker's own files at those paths.
   */
  readonly outside: ReadonlyMap<string, string>
  /**
   * Present: until `own`, something may be mounted over `workspace`, and the script sees that. Its files belong to this
   * user, and `own` leaves those alone.
   */
  readonly overlay?: { readonly uid: number; readonly gid: number }
  /**
   * Gives what the runner put into the workspace, `outside` and writable mounts to the script's user. Called once, after
   * filling, before `run`.
   */
  readonly own: Effect.Effect<void, SandboxError>
  /** Starts the script; fails with `StartRefused` when the program can't be executed. At most once. */
  readonly run: (start: SlotStart) => Effect.Effect<SlotRun, SandboxError, Scope.Scope>
}

/** A place for one attempt, or for those of one batch, one after the other. */
export interface Slot {
  readonly id: string
  /** Content address of the slot's image; null where there is none. */
  readonly digest: string | null
  /** What the slot's image sets for whatever runs in it; empty where there is no image. */
  readonly environment: Readonly<Record<string, string>>
  /**
   * Makes the request's directories, empty, where its script will see them. The request is of the kind the slot was
   * prepared for, and of its tenant unless that was left open. Once, and again after each `reset`. Fails with `SlotLost`
   * where these directories can't be had in this slot: one made with them `inPlace` may have them.
   */
  readonly open: (request: SlotRequest) => Effect.Effect<Session, SandboxError>
  /**
   * Makes all gone that the last session left: processes, files in its directories and in temporary ones, shared memory.
   * Fails with `SlotLost` where that can't be done: such a slot is destroyed. Called when no run's scope is open.
   */
  readonly reset: Effect.Effect<void, SandboxError>
  /** Completes when the idle slot has died by itself (engine restart, kill): it must not be handed out any more. */
  readonly died: Effect.Effect<void>
}

/** An image on its way to the worker. */
export interface Pull {
  readonly doneBytes: number
  /** As far as is known. */
  readonly totalBytes: number
}

/** What programs are installed for: what fits one runtime fits every other that is told by the same. */
export interface RuntimeIdentity {
  /** Content address of the image; where there is none, which program of this machine it is, in which version. */
  readonly digest: string
  /** Of its processor, as Node has it: `x64`, `arm64`. */
  readonly arch: string
}

/** One isolation control of the design and whether this machine enforces it. Shown by `rgrid workers`. */
export interface Control {
  readonly name: string
  readonly enforced: boolean
  /** Why not, or how. One sentence. */
  readonly detail: string
}

export class Sandbox extends Context.Service<Sandbox, {
  readonly name: "docker" | "process" | (string & {})
  /** Every control of the isolation design, enforced or not, on this machine. Does not block on the network. */
  readonly controls: Effect.Effect<ReadonlyArray<Control>, SandboxError>
  /** Equal for requests that the same idle slot could serve, their tenants apart. Pure. */
  readonly kindOf: (request: SlotRequest) => string
  /**
   * Makes a slot; blocks while an image is pulled. Not idempotent: each call is a new slot. Closing the scope destroys
   * the slot and all it holds; it never fails and is safe while the script runs.
   */
  readonly prepare: (request: SlotRequest) => Effect.Effect<Slot, SandboxError, Scope.Scope>
  /** How far the image is that a `prepare` waits for; null when none is being fetched. Does not block, never fails. */
  readonly pulling: (image: string) => Effect.Effect<Pull | null>
  /**
   * What `program` of this image is installed for. Blocks while an image is pulled. Idempotent. A program that does not
   * exist is told of by the slot that would run it, not here.
   */
  readonly identify: (image: string, program: string) => Effect.Effect<RuntimeIdentity, SandboxError>
  /** Kills and removes what an earlier life of this runner left. Idempotent. Returns how many slots were found. */
  readonly reclaim: Effect.Effect<number, SandboxError>
}>()("rgrid/ports/Sandbox") {}
