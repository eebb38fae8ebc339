/** The data directory: made once, whole or not at all. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { execFile } from "node:child_process"
import { chmod, chown, mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { type Binaries, environment } from "./Binaries.ts"
import { EmbeddedPostgresError } from "./EmbeddedPostgresError.ts"
import { spawnAs, type User } from "./User.ts"

export const owner = "rgrid"

const failed = (phase: "directory" | "initdb") => (error: unknown) =>
  new EmbeddedPostgresError({ phase, detail: error instanceof Error ? error.message : String(error) })

/** A folder below the data directory that only Postgres' user (and root) can enter. */
export const privateFolder = async (path: string, user: User): Promise<void> => {
  await mkdir(path, { recursive: true, mode: 0o700 })
  if (process.getuid?.() === 0) await chown(path, user.uid, user.gid)
  await chmod(path, 0o700)
}

/** As root: Postgres' user must be able to pass through. What lies in it has modes of its own. */
const passable = async (dataDirectory: string): Promise<void> => {
  await mkdir(dataDirectory, { recursive: true, mode: 0o711 })
  if (process.getuid?.() !== 0) return
  const { mode } = await stat(dataDirectory)
  await chmod(dataDirectory, (mode & 0o7777) | 0o011)
  // What lies above is not ours to open.
  for (let above = dirname(dataDirectory); above !== dirname(above); above = dirname(above)) {
    if (((await stat(above)).mode & 0o001) === 0) {
      throw new Error(`${above} is closed to other users, and as root Postgres runs as one: choose another directory`)
    }
  }
}

const exists = (path: string): Promise<boolean> => stat(path).then(() => true, () => false)

const initdb = (binaries: Binaries, folder: string, passwordFile: string, user: User): Promise<void> =>
  new Promise((resolve, reject) =>
    execFile(
      binaries.initdb,
      [
        "-D", folder, "-U", owner, `--pwfile=${passwordFile}`, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
        "--no-instructions"
      ],
      { ...spawnAs(user), cwd: "/", env: environment },
      (error, _, stderr) => (error === null ? resolve() : reject(new Error(stderr.trim() || error.message)))
    ))

const syncFolder = async (path: string): Promise<void> => {
  const handle = await open(path, "r")
  await handle.sync().finally(() => handle.close())
}

/** Beside its place, then renamed into it: a crash leaves nothing at the name that counts. */
const create = async (binaries: Binaries, dataDirectory: string, password: Redacted.Redacted, user: User) => {
  const half = join(dataDirectory, "postgres.half")
  const passwordFile = join(dataDirectory, "postgres.half-password")
  await rm(half, { recursive: true, force: true })
  await rm(passwordFile, { force: true })
  await privateFolder(half, user)
  try {
    await writeFile(passwordFile, Redacted.value(password), { mode: 0o600 })
    if (process.getuid?.() === 0) await chown(passwordFile, user.uid, user.gid)
    await initdb(binaries, half, passwordFile, user)
  } finally {
    await rm(passwordFile, { force: true })
  }
  await rename(half, join(dataDirectory, "postgres"))
  await syncFolder(dataDirectory)
}

/** Answers the cluster's folder. One that was cut off while somebody else made it is put aside, never deleted. */
export const cluster = Effect.fnUntraced(function*(
  binaries: Binaries,
  dataDirectory: string,
  password: Redacted.Redacted,
  user: User
) {
  const folder = join(dataDirectory, "postgres")
  const whole = Effect.promise(() => exists(join(folder, "global", "pg_control")))
  if (!(yield* whole)) {
    yield* Effect.tryPromise({
      try: async () => {
        if (await exists(folder)) await rename(folder, `${folder}.broken-${Date.now()}`)
        await create(binaries, dataDirectory, password, user)
      },
      catch: failed("initdb")
    })
  }
  const major = yield* Effect.tryPromise({
    try: () => readFile(join(folder, "PG_VERSION"), "utf8"),
    catch: failed("directory")
  })
  if (major.trim() !== binaries.major) {
    return yield* new EmbeddedPostgresError({
      phase: "directory",
      detail: `${folder} was written by Postgres ${major.trim()}, this is ${binaries.major}`
    })
  }
  return folder
})

export const prepareDirectory = (dataDirectory: string) =>
  Effect.tryPromise({ try: () => passable(dataDirectory), catch: failed("directory") })
