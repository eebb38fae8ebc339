/**
 * Images' files, unpacked once: what slots have as their root, each beneath a layer of its own. A directory an image,
 * named by the image's id, with owners, modes and extended attributes as the engine has them. Never written to again.
 */
import type Docker from "dockerode"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import { promisify } from "node:util"
import type { SandboxError } from "rgrid/ports/Sandbox"
import type { Engine } from "../docker/Engine.ts"
import * as errors from "../docker/errors.ts"

const execute = promisify(execFile)

/** Images that are kept; the one used longest ago goes first. */
const most = 8

/** A directory tells when it was last used, so exactly. Milliseconds. */
const often = 60_000

export interface Rootfs {
  /** Path of the image's files, there while the scope is open. Blocks for seconds the first time. Read only. */
  readonly use: (image: string) => Effect.Effect<string, SandboxError, Scope.Scope>
  /** Whether `use` would not block. */
  readonly has: (image: string) => Effect.Effect<boolean>
  /** Removes what is not used and half-made things of an earlier life. */
  readonly prune: Effect.Effect<void>
}

const nameOf = (image: string): string => image.replace(/^sha256:/, "")

/** Owners by number, whatever names this machine has for them. */
const tarOptions = ["--extract", "--numeric-owner", "--same-permissions", "--same-owner", "--xattrs", "--xattrs-include=*"]

const extract = async (from: NodeJS.ReadableStream, target: string): Promise<void> => {
  const tar = spawn("tar", [...tarOptions, "--directory", target, "--file=-"], { stdio: ["pipe", "ignore", "pipe"] })
  let said = ""
  tar.stderr.setEncoding("utf8").on("data", (text: string) => said = (said + text).slice(-1000))
  const ended = once(tar, "close")
  // When tar gives up, its own words say more than the broken pipe.
  await pipeline(from, tar.stdin).catch(() => undefined)
  const [code] = await ended
  if (code !== 0) throw new Error(`tar: ${said.trim()}`)
}

const unpack = async (docker: Docker, image: string, directory: string): Promise<void> => {
  const half = `${directory}.half`
  await rm(half, { recursive: true, force: true })
  await mkdir(join(half, "root"), { recursive: true, mode: 0o755 })
  // Never started: only its files are looked at.
  const container = await docker.createContainer({ Image: image, Entrypoint: ["-"], NetworkDisabled: true })
  try {
    await extract(await container.export(), join(half, "root"))
  } finally {
    await container.remove({ force: true, v: true })
  }
  // A machine that loses power must not keep the name and not the bytes.
  await execute("sync", ["--file-system", half])
  await rename(half, directory)
}

export const make = (engine: Engine, stateDirectory: string): Rootfs => {
  const all = join(stateDirectory, "rootfs")
  const lock = Semaphore.makeUnsafe(1)
  const users = new Map<string, number>()
  /** When their directories were last told to be in use. */
  const marked = new Map<string, number>()
  const fail = errors.fromFiles(all)
  const isThere = (name: string): Promise<boolean> => stat(join(all, name)).then(() => true, () => false)

  const count = (name: string, by: number): void => {
    users.set(name, (users.get(name) ?? 0) + by)
  }

  const pruned = async (keep: number): Promise<void> => {
    const names = await readdir(all).catch(() => [])
    const aged = await Promise.all(names.map(async (name) => ({ name, used: (await stat(join(all, name))).mtimeMs })))
    const surplus = aged.toSorted((a, b) => b.used - a.used).slice(keep)
    const half = aged.filter(({ name }) => name.endsWith(".half"))
    for (const { name } of [...surplus, ...half]) {
      if ((users.get(name) ?? 0) > 0) continue
      marked.delete(name)
      await rm(join(all, name), { recursive: true, force: true })
    }
  }

  const ensure = (image: string): Effect.Effect<void, SandboxError> =>
    Effect.tryPromise({
      try: async () => {
        const directory = join(all, nameOf(image))
        if (!await isThere(nameOf(image))) {
          await mkdir(all, { recursive: true, mode: 0o700 })
          await unpack(engine.docker, image, directory)
          await pruned(most)
        }
        const now = new Date()
        if (now.getTime() - (marked.get(nameOf(image)) ?? 0) < often) return
        await utimes(directory, now, now)
        marked.set(nameOf(image), now.getTime())
      },
      catch: fail
    }).pipe(lock.withPermits(1), Effect.withSpan("oci.unpack", { attributes: { image } }))

  return {
    use: (image) =>
      Effect.acquireRelease(
        Effect.sync(() => count(nameOf(image), 1)),
        () => Effect.sync(() => count(nameOf(image), -1))
      ).pipe(Effect.andThen(ensure(image)), Effect.as(join(all, nameOf(image), "root"))),
    has: (image) => Effect.promise(() => isThere(nameOf(image))),
    prune: Effect.promise(() => pruned(most).catch(() => undefined)).pipe(lock.withPermits(1))
  }
}
