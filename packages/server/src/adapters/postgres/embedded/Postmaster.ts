/** Starting, adopting and stopping the server process. */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, openSync } from "node:fs"
import { readFile, stat, truncate } from "node:fs/promises"
import { setTimeout as sleep } from "node:timers/promises"
import { type Binaries, environment } from "./Binaries.ts"
import { EmbeddedPostgresError } from "./EmbeddedPostgresError.ts"
import { isAlive, readPidFile, serves } from "./pidFile.ts"
import { spawnAs, type User } from "./User.ts"

export interface Place {
  readonly binaries: Binaries
  readonly user: User
  /** The cluster. */
  readonly folder: string
  readonly socketFolder: string
  readonly log: string
}

export interface Postmaster {
  readonly pid: number
  readonly port: number
  readonly socketFolder: string
  readonly adopted: boolean
  /** Resolves when it is dead. */
  readonly died: Promise<void>
}

/** Measured for one grid on one machine: 9 → 5 processes, 26 → 15 MB (`io_method=sync` saves the I/O workers). */
const settings = {
  listen_addresses: "",
  unix_socket_permissions: "0700",
  max_connections: "20",
  shared_buffers: "16MB",
  wal_buffers: "1MB",
  jit: "off",
  io_method: "sync",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_logical_replication_workers: "0",
  max_worker_processes: "2",
  max_parallel_workers: "0",
  timezone: "UTC",
  log_timezone: "UTC"
}

/** Part of the socket's name only: every grid has a socket folder of its own. */
const port = 5432

const argumentsOf = ({ folder, socketFolder }: Place): Array<string> => [
  "-D", folder, "-k", socketFolder, "-p", String(port),
  ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])
]

/** Its log is for the one who looks after a failure; beyond this it begins anew at the next start. */
const longestLog = 10 * 1024 * 1024

const trimLog = async (log: string): Promise<number> => {
  const size = await stat(log).then((found) => found.size, () => 0)
  if (size <= longestLog) return size
  await truncate(log)
  return 0
}

const tailOf = async (log: string, from: number): Promise<string> => {
  const text = (await readFile(log).catch(() => Buffer.alloc(0))).subarray(from).toString("utf8")
  return text.slice(-2000).trim()
}

/** Detached, and never on pipes of ours: it outlives us, and must not die of a write to a pipe that nobody reads. */
const launch = (place: Place): ChildProcess => {
  const log = openSync(place.log, "a", 0o600)
  try {
    return spawn(place.binaries.postgres, argumentsOf(place), {
      ...spawnAs(place.user),
      cwd: "/",
      env: environment,
      detached: true,
      stdio: ["ignore", log, log]
    })
  } finally {
    closeSync(log)
  }
}

const failed = (detail: string) => new EmbeddedPostgresError({ phase: "start", detail })

/** Ends with the process. `error` without `exit` is a program that could not be started. */
const exitOf = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once("exit", () => resolve())
    child.once("error", () => resolve())
  })

/** Recovery of a large log takes seconds to minutes, so a process that lives is waited for. */
const whenReady = async (place: Place, child: ChildProcess, died: Promise<void>): Promise<number | undefined> => {
  let dead = false
  void died.then(() => {
    dead = true
  })
  while (!dead) {
    const file = await readPidFile(place.folder)
    if (file?.ready === true && file.pid === child.pid) return file.pid
    await Promise.race([died, sleep(20)])
  }
  return undefined
}

const start = Effect.fnUntraced(function*(place: Place) {
  const outcome = yield* Effect.promise(async () => {
    const before = await trimLog(place.log)
    const child = launch(place)
    const died = exitOf(child)
    child.unref()
    const pid = await whenReady(place, child, died)
    return pid === undefined ? await tailOf(place.log, before) : { pid, died }
  })
  if (typeof outcome === "string") return yield* failed(outcome === "" ? "it ended without a word" : outcome)
  const { died, pid } = outcome
  return { pid, port, socketFolder: place.socketFolder, adopted: false, died } satisfies Postmaster
})

/** How often an adopted one, whose end nobody tells us, is looked at: one read of a file in /proc. */
const glance = 1000

const goneOf = async (pid: number, folder: string): Promise<void> => {
  while (await serves(pid, folder)) await sleep(glance, undefined, { ref: false })
}

/** One that an earlier life of this server left, if it is really ours. */
const adopt = (place: Place): Effect.Effect<Postmaster | undefined> =>
  Effect.promise(async () => {
    const file = await readPidFile(place.folder)
    if (file === undefined || !file.ready || !await serves(file.pid, place.folder)) return undefined
    return { ...file, adopted: true, died: goneOf(file.pid, place.folder) }
  })

/** A predecessor that is dying, starting or an unreaped zombie still holds these for a moment. */
const isHeld = (detail: string): boolean => /lock file|shared memory block|could not bind/.test(detail)

/** Adopts the one that runs, else starts one. Never removes a lock file: Postgres itself knows when it is stale. */
export const run = (place: Place): Effect.Effect<Postmaster, EmbeddedPostgresError> =>
  Effect.flatMap(adopt(place), (found) => (found === undefined ? start(place) : Effect.succeed(found))).pipe(
    Effect.retry({
      while: (error) => isHeld(error.detail),
      // 50 ms: a lock is free 1.2 to 1.7 s after a kill, when init has reaped; ten times that, and it is somebody's.
      schedule: Schedule.spaced("50 millis").pipe(Schedule.upTo({ duration: "20 seconds" }))
    })
  )

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name)
  } catch {
    // Already gone.
  }
}

/** SIGINT is Postgres' fast shutdown: transactions roll back, a checkpoint is written. */
export const stop = ({ pid }: Postmaster): Effect.Effect<void> =>
  Effect.promise(async () => {
    signal(pid, "SIGINT")
    for (const end = Date.now() + 10_000; await isAlive(pid);) {
      // Immediate shutdown after ten seconds: crash recovery at the next start is better than hanging at the end.
      if (Date.now() > end) signal(pid, "SIGQUIT")
      await sleep(20)
    }
  })

