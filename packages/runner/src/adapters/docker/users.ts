/**
 * Who the script is, by name: `whoami`, `getpwuid` and `os.userInfo()` ask the image's own `/etc/passwd`, where no image
 * knows our user. A copy with one line more stands in for it, made once for each image.
 */
import type Docker from "dockerode"
import * as Effect from "effect/Effect"
import { existsSync } from "node:fs"
import { chmod, mkdir, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { buffer } from "node:stream/consumers"
import { isStatus } from "./errors.ts"
import { type ScriptUser, scriptUserName } from "./settings.ts"

/** Host paths of the files that stand in for the image's. */
export interface Users {
  readonly passwd: string
  readonly group: string
}

/** What an image without such a file has. */
const nobody = { passwd: "root:x:0:0:root:/root:/bin/sh\n", group: "root:x:0:\n" }

/** More than this is no list of a system's users. Bytes. */
const longest = 1024 * 1024

/** The content of a tar's first entry; null where that is no regular file. */
export const firstFile = (tar: Buffer): string | null => {
  const size = Number.parseInt(tar.toString("latin1", 124, 136), 8)
  const isRegular = tar.length > 512 && (tar[156] === 0x30 || tar[156] === 0)
  return isRegular && size <= longest && tar.length >= 512 + size ? tar.toString("utf8", 512, 512 + size) : null
}

/** With a line for the id, unless it has one. `null`: the file that the image lacks. */
export const withEntry = (file: keyof Users, text: string | null, { gid, uid }: ScriptUser): string => {
  const own = (text ?? nobody[file]).replace(/([^\n])$/, "$1\n")
  const id = file === "passwd" ? uid : gid
  if (own.split("\n").some((line) => line.split(":")[2] === String(id))) return own
  const name = own.split("\n").some((line) => line.startsWith(`${scriptUserName}:`)) ? `user${id}` : scriptUserName
  return own + (file === "passwd" ? `${name}:x:${uid}:${gid}::/tmp:/bin/sh\n` : `${name}:x:${gid}:\n`)
}

const read = async (container: Docker.Container, path: string): Promise<string | null> => {
  try {
    return firstFile(await buffer(await container.getArchive({ path })))
  } catch (cause) {
    if (isStatus(cause, 404)) return null
    throw cause
  }
}

/** Whole or not at all: another slot may be waiting for the same file. */
const write = async (path: string, text: string): Promise<void> => {
  const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`
  await writeFile(temporary, text)
  // Whatever the runner's umask: the script's user reads it.
  await chmod(temporary, 0o644)
  await rename(temporary, path)
}

const make = async (docker: Docker, image: string, users: Users, user: ScriptUser): Promise<void> => {
  // Never started: only its files are looked at.
  const container = await docker.createContainer({ Image: image, Entrypoint: ["-"], NetworkDisabled: true })
  try {
    const [passwd, group] = await Promise.all([read(container, "/etc/passwd"), read(container, "/etc/group")])
    await write(users.passwd, withEntry("passwd", passwd, user))
    await write(users.group, withEntry("group", group, user))
  } finally {
    await container.remove({ force: true, v: true })
  }
}

/** For an image by its id. A script without a name is better than none: what goes wrong here is only logged. */
export const ensure = (
  docker: Docker,
  image: string,
  user: ScriptUser,
  stateDirectory: string
): Effect.Effect<Users | undefined> => {
  const directory = join(stateDirectory, "users", `${image.replace(/^sha256:/, "")}-${user.uid}`)
  const users: Users = { passwd: join(directory, "passwd"), group: join(directory, "group") }
  return Effect.tryPromise(async () => {
    // Written last.
    if (existsSync(users.group)) return users
    await mkdir(directory, { recursive: true })
    await make(docker, image, users, user)
    return users
  }).pipe(
    Effect.catch((error) => Effect.as(Effect.logWarning("An image's users could not be read", image, error), undefined)),
    Effect.withSpan("docker.users", { attributes: { image } })
  )
}
