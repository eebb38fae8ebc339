/** The file of keys: `~/.rgrid/credentials`, INI, a section for each profile with `server` and `key`. */
import * as Effect from "effect/Effect"
import * as Ini from "effect/encoding/Ini"
import { randomUUID } from "node:crypto"
import { chmod, mkdir, readFile, realpath, rename, stat, writeFile } from "node:fs/promises"
import { homedir } from "node:os"
import { dirname, join } from "node:path"
import { CredentialsUnusable } from "./errors.ts"

/** Names the grid of this machine, and no section of the file. */
export const local = "local"

/** What is used when no profile is asked for. */
export const standard = "default"

export interface Profile {
  readonly server: string
  readonly key: string
}

/** INI would take a dot as nesting. */
export const isProfileName = (name: string): boolean => /^[A-Za-z0-9_-]{1,64}$/.test(name)

export const credentialsPath = (): string => join(homedir(), ".rgrid", "credentials")

const unusable = (path: string, reason: "unreadable" | "unwritable") => (cause: unknown) =>
  new CredentialsUnusable({ path, reason, detail: cause instanceof Error ? cause.message : String(cause) })

/** Null where there is no file. */
const textOf = (path: string) =>
  Effect.tryPromise({
    try: () =>
      readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return null
        throw cause
      }),
    catch: unusable(path, "unreadable")
  })

/** Keys that others may read are as good as given away: nothing is done with them until that is mended. */
const guarded = Effect.fnUntraced(function*(path: string) {
  if (process.platform === "win32") return
  const { mode } = yield* Effect.tryPromise({ try: () => stat(path), catch: unusable(path, "unreadable") })
  if ((mode & 0o077) === 0) return
  return yield* new CredentialsUnusable({ path, reason: "exposed", detail: (mode & 0o777).toString(8).padStart(4, "0") })
})

const isSection = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null

const profileOf = (section: Readonly<Record<string, unknown>>): Profile => {
  const text = (name: string) => typeof section[name] === "string" ? section[name] : ""
  return { server: text("server"), key: text("key") }
}

/** Every profile by its name; what a section lacks is empty. None where there is no file. */
export const read = Effect.fnUntraced(function*(path: string = credentialsPath()) {
  const text = yield* textOf(path)
  if (text === null) return new Map<string, Profile>()
  yield* guarded(path)
  const sections = Object.entries(Ini.parse(text)).filter(([name]) => name !== local)
  return new Map(sections.flatMap(([name, section]) => isSection(section) ? [[name, profileOf(section)]] : []))
})

const sectionOf = (line: string): string | undefined => /^\s*\[([^\]]*)\]\s*$/.exec(line)?.[1]?.trim()

/** The text with this profile instead of the one of that name; all else stays as somebody wrote it. */
export const withProfile = (text: string, name: string, { key, server }: Profile): string => {
  let inside = false
  const kept = text.split("\n").filter((line) => {
    const section = sectionOf(line)
    if (section !== undefined) inside = section === name
    return !inside
  })
  const before = kept.join("\n").trim()
  // Quoted, a `;` or `#` in an address is no comment.
  return `${before === "" ? "" : `${before}\n\n`}[${name}]\nserver = ${JSON.stringify(server)}\nkey = ${key}\n`
}

/** Readers see the old file or the new one, never half of one, and nobody else reads either. */
const replace = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  // A link that somebody made is kept: its target is replaced.
  const target = await realpath(path).catch(() => path)
  const fresh = `${target}.${randomUUID()}`
  await writeFile(fresh, text, { mode: 0o600, flag: "wx" })
  await chmod(fresh, 0o600)
  await rename(fresh, target)
}

export const write = Effect.fnUntraced(function*(name: string, profile: Profile, path: string = credentialsPath()) {
  const text = yield* textOf(path)
  yield* Effect.tryPromise({
    try: () => replace(path, withProfile(text ?? "", name, profile)),
    catch: unusable(path, "unwritable")
  })
})
