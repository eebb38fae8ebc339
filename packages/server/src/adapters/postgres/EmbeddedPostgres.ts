/**
 * A real Postgres below the data directory, for a grid that was given none: made at the first start, adopted when an
 * earlier life of this server left it running, and started again when it dies.
 */
import * as PgConnection from "@effect/sql-pg/PgConnection"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import { createHash, randomBytes } from "node:crypto"
import { readFile, rmdir, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { binaries } from "./embedded/Binaries.ts"
import { cluster, owner, prepareDirectory, privateFolder } from "./embedded/Cluster.ts"
import { EmbeddedPostgresError } from "./embedded/EmbeddedPostgresError.ts"
import * as Postmaster from "./embedded/Postmaster.ts"
import { type User, unprivileged } from "./embedded/User.ts"
import { PostgresServer } from "./PostgresServer.ts"

export interface EmbeddedSettings {
  /** `postgres/`, its log, its password and, where needed, its programs are put below it. */
  readonly dataDirectory: string
  /** The owner's. Absent: a random one is kept in `<dataDirectory>/postgres-password`, mode 0600. */
  readonly password?: Redacted.Redacted
  /** Whether Postgres is stopped as the scope closes (default), or left for the next life to adopt. */
  readonly stopOnClose?: boolean
}

export interface EmbeddedStatus {
  readonly pid: number
  /** Left running by an earlier life of this server. */
  readonly adopted: boolean
  /** Deaths noticed and mended since the layer was made. */
  readonly restarts: number
}

/** The embedded server's own face, for health and tests. */
export class EmbeddedPostgres extends Context.Service<EmbeddedPostgres, {
  readonly status: Effect.Effect<EmbeddedStatus>
}>()("@rgrid/server/adapters/postgres/EmbeddedPostgres") {}

/** `sun_path` holds 104 bytes on macOS and 108 on Linux, the end included; Postgres adds `/.s.PGSQL.5432.lock`. */
const longestFolder = 103 - "/.s.PGSQL.5432.lock".length

const directory = (error: unknown) => new EmbeddedPostgresError({ phase: "directory", detail: String(error) })

/** In the data directory, or, where its path is too long for a socket, a hashed name among temporary files. */
const socketFolder = (dataDirectory: string, user: User) =>
  Effect.tryPromise({
    try: async () => {
      const near = join(dataDirectory, "postgres-run")
      const hash = createHash("sha256").update(dataDirectory).digest("hex").slice(0, 16)
      const folder = Buffer.byteLength(near) <= longestFolder ? near : join(tmpdir(), `rgrid-${hash}`)
      await privateFolder(folder, user)
      // Among temporary files anybody can make a folder first and answer on its socket.
      if ((await stat(folder)).uid !== user.uid) throw new Error(`${folder} belongs to somebody else`)
      return folder
    },
    catch: directory
  })

/** An empty folder is made again by the next start; one among temporary files should not outlive its use. */
const removed = (folder: string) => Effect.ignore(Effect.tryPromise(() => rmdir(folder)))

const storedPassword = (dataDirectory: string) =>
  Effect.tryPromise({
    try: async () => {
      const file = join(dataDirectory, "postgres-password")
      const fresh = randomBytes(32).toString("base64url")
      // `wx`: of two first starts one writes, both read the same.
      await writeFile(file, fresh, { mode: 0o600, flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error
      })
      return Redacted.make((await readFile(file, "utf8")).trim())
    },
    catch: directory
  })

const urlOf = (folder: string, password: Redacted.Redacted): Redacted.Redacted => {
  const secret = encodeURIComponent(Redacted.value(password))
  return Redacted.make(`postgres://${owner}:${secret}@${encodeURIComponent(folder)}/postgres`)
}

const login = (url: Redacted.Redacted) =>
  Effect.scoped(PgConnection.make({ url, applicationName: "rgrid_login" })).pipe(
    // Refused at the very start and while it recovers; a wrong password stays wrong.
    Effect.retry({
      while: ({ reason }) => reason._tag !== "AuthenticationError",
      schedule: Schedule.spaced("50 millis").pipe(Schedule.upTo({ duration: "10 seconds" }))
    }),
    Effect.mapError(({ message }) => new EmbeddedPostgresError({ phase: "login", detail: message }))
  )

/** Starts it again whenever it dies, at once and then ever more slowly, up to every five seconds. */
const supervise = Effect.fnUntraced(function*(
  first: Postmaster.Postmaster,
  again: Effect.Effect<Postmaster.Postmaster, EmbeddedPostgresError>
) {
  let current = first
  while (true) {
    const { died, pid } = current
    yield* Effect.promise(() => died)
    yield* Effect.logWarning(`Postgres (pid ${pid}) died, starting it again`)
    current = yield* again.pipe(
      Effect.tapError((error) => Effect.logWarning(error.message)),
      Effect.retry(Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("5 seconds")]))
    )
  }
})

const make = Effect.fnUntraced(function*(settings: EmbeddedSettings) {
  const dataDirectory = resolve(settings.dataDirectory)
  const user = yield* unprivileged
  yield* prepareDirectory(dataDirectory)
  const password = settings.password ?? (yield* storedPassword(dataDirectory))
  const programs = yield* binaries(dataDirectory, user)
  const folder = yield* cluster(programs, dataDirectory, password, user)
  const place: Postmaster.Place = {
    binaries: programs,
    user,
    folder,
    socketFolder: yield* socketFolder(dataDirectory, user),
    log: join(dataDirectory, "postgres.log")
  }
  let restarts = -1
  let current: Postmaster.Postmaster | undefined
  const running = (postmaster: Postmaster.Postmaster) => {
    current = postmaster
    restarts += 1
  }
  const start = Effect.uninterruptible(Effect.tap(Postmaster.run(place), (postmaster) =>
    Effect.sync(() => running(postmaster))))
  // Registered before the start, so that a start interrupted half-way stops what it began.
  yield* Effect.addFinalizer(() =>
    settings.stopOnClose === false || current === undefined
      ? Effect.void
      : Effect.andThen(Postmaster.stop(current), removed(place.socketFolder)))
  const first = yield* start
  const ownerUrl = urlOf(first.socketFolder, password)
  yield* login(ownerUrl)
  yield* Effect.forkScoped(supervise(first, start))
  const status = Effect.sync((): EmbeddedStatus => ({
    pid: current?.pid ?? first.pid,
    adopted: current?.adopted ?? first.adopted,
    restarts
  }))
  return Context.make(PostgresServer, { ownerUrl }).pipe(Context.add(EmbeddedPostgres, { status }))
})

export const layer = (
  settings: EmbeddedSettings
): Layer.Layer<PostgresServer | EmbeddedPostgres, EmbeddedPostgresError> => Layer.effectContext(make(settings))
