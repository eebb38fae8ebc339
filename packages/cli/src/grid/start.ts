/** Starting the grid of this machine. Of any number of starts at the same time one does it; the others find it done. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { chmod, mkdir } from "node:fs/promises"
import { join } from "node:path"
import { GridNotStarted } from "rgrid/client/errors"
import { type GridFile, gridDirectory, read, write } from "rgrid/client/gridFile"
import { format, generate } from "rgrid/domain/ApiKey"
import { version } from "../version.ts"
import { launch } from "./launch.ts"
import { withLock } from "./lock.ts"
import { choosePort, host } from "./port.ts"
import { awaitReady, comesBack } from "./ready.ts"
import { type Asked, decide, type Sandbox } from "./sandbox.ts"
import * as settings from "./settings.ts"
import { endPrograms } from "./stop.ts"
import { overHttp } from "./transport.ts"

export interface StartOptions {
  readonly sandbox: Asked
  /** Seconds without work after which it ends itself; null: never; absent: as at its last start. */
  readonly idleSeconds?: number | null
  /** Told what takes long. */
  readonly progress: (line: string) => Effect.Effect<void>
}

export interface Started {
  readonly grid: GridFile
  /** False when it was up already. */
  readonly fresh: boolean
  readonly sandbox: Sandbox
  readonly idleSeconds: number | null
}

/** A start from nothing sets up a database. */
const patience = "60 seconds"

const asNotStarted = (cause: NodeJS.ErrnoException) =>
  new GridNotStarted({ detail: cause.code === "ENOSPC" ? "the disk is full" : cause.message, log: null })

const files = <A>(act: () => Promise<A>) =>
  Effect.tryPromise({ try: act, catch: (cause) => asNotStarted(cause as NodeJS.ErrnoException) })

const makeDirectory = (directory: string) =>
  files(async () => {
    // Postgres runs as another user where this one is root, and has to pass through.
    await mkdir(directory, { recursive: true, mode: 0o711 })
    await mkdir(join(directory, "logs"), { recursive: true, mode: 0o700 })
    // Root's Postgres runs under another uid and must pass through here to its data; what is secret is 0600 itself.
    await chmod(directory, process.getuid?.() === 0 ? 0o711 : 0o700)
  })

interface Beginning {
  readonly directory: string
  readonly known: GridFile | null
  readonly settings: settings.Settings
}

const bringUp = Effect.fnUntraced(function*({ directory, known, settings: decided }: Beginning, port: number) {
  const key = known?.key ?? format(generate())
  const grid: GridFile = { url: `http://${host}:${port}`, key, port, version }
  yield* files(() => settings.write(directory, decided))
  yield* Effect.mapError(write(directory, grid), asNotStarted)
  yield* Effect.mapError(launch(directory, grid, decided), asNotStarted)
  // One that does not come up would be started again and again for nobody.
  const worker = yield* awaitReady(directory, grid, patience).pipe(Effect.tapError(() => endPrograms(directory)))
  const { idleSeconds, sandbox } = decided
  return { grid, fresh: true, sandbox: seen(sandbox, worker.sandbox), idleSeconds } satisfies Started
})

/**
 * Between the look at a port and its use another grid that starts at this moment may have taken it: the server finds it
 * taken, or the worker is told by the other grid that it is no one of its own.
 */
const lostItsPort = ({ detail }: GridNotStarted): boolean =>
  /\bport \d+\b.*\btaken\b|\brefuses the key\b/.test(detail)

const begin = Effect.fnUntraced(function*(directory: string, known: GridFile | null, options: StartOptions) {
  yield* options.progress("Starting the grid of this machine…")
  yield* endPrograms(directory)
  const sandbox = yield* decide(options.sandbox, options.progress)
  const before = Option.map(yield* settings.read(directory), ({ idleSeconds }) => idleSeconds)
  const idleSeconds = options.idleSeconds !== undefined
    ? options.idleSeconds
    : Option.getOrElse(before, () => settings.defaultIdleSeconds)
  const beginning = { directory, known, settings: { sandbox, idleSeconds } }
  return yield* bringUp(beginning, yield* choosePort(known?.port)).pipe(
    Effect.catchIf(lostItsPort, () => Effect.flatMap(choosePort(0), (port) => bringUp(beginning, port)))
  )
})

/** What the worker says counts: Docker may have gone between the decision and its start. */
const seen = (decided: Sandbox, reported: string): Sandbox => {
  if (reported === "docker" || reported === "oci") return { kind: reported, because: null }
  return decided.kind === "process" ? decided : { kind: "process", because: "Docker does not answer" }
}

/** Blocks until the grid takes work, at most about a minute. */
export const start = (options: StartOptions): Effect.Effect<Started, GridNotStarted> =>
  Effect.gen(function*() {
    const directory = gridDirectory()
    yield* makeDirectory(directory)
    const once = Effect.gen(function*() {
      const known = Option.getOrNull(yield* read(directory))
      const worker = known === null ? null : yield* comesBack(directory, known)
      if (known === null || worker === null) return yield* begin(directory, known, options)
      const { idleSeconds, sandbox } = Option.getOrElse(yield* settings.read(directory), (): settings.Settings => ({
        sandbox: { kind: "containers", because: null },
        idleSeconds: settings.defaultIdleSeconds
      }))
      return { grid: known, fresh: false, sandbox: seen(sandbox, worker.sandbox), idleSeconds }
    })
    return yield* withLock(directory, once)
  }).pipe(Effect.provide(overHttp))
