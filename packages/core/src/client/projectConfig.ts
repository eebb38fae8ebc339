/** A project's settings: `.rgrid/config`, YAML, safe to commit. Flags stand above it, defaults below it. */
import * as Effect from "effect/Effect"
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { homedir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { nearest } from "../domain/nearest.ts"
import { ConfigRefused } from "./errors.ts"
import { projectKeys, type ProjectSettings } from "./projectKeys.ts"
import { isSecretName, secretIn } from "./secretLike.ts"

export interface ProjectConfig extends ProjectSettings {
  /** The file. */
  readonly path: string
  /** The project's directory, which holds `.rgrid`. */
  readonly directory: string
}

const upward = (from: string): ReadonlyArray<string> => {
  const above = dirname(from)
  return above === from ? [from] : [from, ...upward(above)]
}

/**
 * The nearest `.rgrid/config` up to the root of the git repository, else up to the home directory. Outside of both only
 * the directory itself counts: what others put into /tmp is nobody's setting.
 */
export const findConfig = (cwd: string): string | null => {
  const places = upward(resolve(cwd))
  const root = places.findIndex((place) => existsSync(join(place, ".git")))
  const end = root >= 0 ? root : Math.max(0, places.indexOf(homedir()))
  const found = places.slice(0, end + 1).find((place) => existsSync(join(place, ".rgrid", "config")))
  return found === undefined ? null : join(found, ".rgrid", "config")
}

type Refuse = (reason: ConfigRefused["reason"], key: string, line: number, detail: string) => ConfigRefused

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

/** The line that a key stands on; 1 where it can't be told, as in `{a: 1}`. */
const lineOf = (lines: ReadonlyArray<string>, key: string): number =>
  Math.max(0, lines.findIndex((line) => new RegExp(`^[\\s-]*["']?${escaped(key)}["']?\\s*(?:[:=]|$)`).test(line))) + 1

const refuseSecretLines = (lines: ReadonlyArray<string>, refuse: Refuse) =>
  Effect.forEach(lines, (line, index) => {
    const kind = secretIn(line)
    const key = /^[\s#-]*["']?([\w.-]+)["']?\s*[:=]/.exec(line)?.[1] ?? "it"
    return kind === null ? Effect.void : Effect.fail(refuse("secret", key, index + 1, kind))
  }, { discard: true })

const refuseSecretNames = (
  value: object,
  lines: ReadonlyArray<string>,
  refuse: Refuse
): Effect.Effect<void, ConfigRefused> =>
  Effect.forEach(Object.entries(value), ([name, inner]) => {
    if (typeof inner === "object" && inner !== null && !isSecretName(name)) return refuseSecretNames(inner, lines, refuse)
    const [, item, given] = typeof inner === "string" ? /^(\w+)=(.+)$/s.exec(inner) ?? [] : []
    const [key, held] = given === undefined || !Array.isArray(value) ? [name, inner] : [item!, given]
    if (held === null || held === "" || !isSecretName(key)) return Effect.void
    return Effect.fail(refuse("secret", key, lineOf(lines, key), "what its name calls a secret"))
  }, { discard: true })

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isKey = (name: string): name is keyof ProjectSettings => Object.hasOwn(projectKeys, name)

const settingsOf = Effect.fnUntraced(function*(
  document: Readonly<Record<string, unknown>>,
  lines: ReadonlyArray<string>,
  refuse: Refuse
) {
  const settings: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(document)) {
    const line = lineOf(lines, name)
    if (!isKey(name)) return yield* refuse("unknownKey", name, line, nearest(name, Object.keys(projectKeys)) ?? "")
    const read: unknown = projectKeys[name].read(value)
    if (read === undefined) return yield* refuse("wrongValue", name, line, projectKeys[name].expected)
    settings[name] = read
  }
  return settings as ProjectSettings
})

/** What the text says, or the first line that says something it must not. */
export const parseConfig = Effect.fnUntraced(function*(text: string, path: string) {
  const refuse: Refuse = (reason, key, line, detail) => new ConfigRefused({ path, line, reason, key, detail })
  const lines = text.split(/\r?\n/)
  yield* refuseSecretLines(lines, refuse)
  const Yaml = yield* Effect.promise(() => import("effect/encoding/Yaml"))
  const document = yield* Effect.try({
    try: () => Yaml.parse(text),
    catch: (cause) => {
      const [, said, line] = /^(.*?)(?: at line (\d+))?$/s.exec((cause as Error).message) ?? []
      return refuse("malformed", "", Number(line ?? 1), said ?? "")
    }
  })
  if (document === null) return {}
  if (!isMapping(document)) return yield* refuse("malformed", "", 1, "It is no mapping")
  yield* refuseSecretNames(document, lines, refuse)
  return yield* settingsOf(document, lines, refuse)
})

/** The settings of the project that `cwd` lies in; null where it has none. */
export const readConfig = Effect.fnUntraced(function*(cwd: string) {
  const path = findConfig(cwd)
  if (path === null) return null
  const text = yield* Effect.tryPromise({
    try: () => readFile(path, "utf8"),
    catch: (cause) => new ConfigRefused({ path, line: 1, reason: "unreadable", key: "", detail: (cause as Error).message })
  })
  const config: ProjectConfig = { ...(yield* parseConfig(text, path)), path, directory: dirname(dirname(path)) }
  return config
})

/** What it says of a job, as a request has it: paths are absolute. */
export const projectJob = ({ cpu, directory, memory, network, requirements, retries, runtime, timeout }: ProjectConfig) => ({
  ...(cpu === undefined ? {} : { cpu }),
  ...(memory === undefined ? {} : { memoryBytes: memory }),
  ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
  ...(network === undefined ? {} : { network }),
  ...(retries === undefined ? {} : { retries }),
  ...(runtime === undefined ? {} : { runtime }),
  ...(requirements === undefined
    ? {}
    : { requirements: requirements === "none" ? requirements : join(directory, requirements) })
})

/** What it sends beside what a script names; absolute. */
export const projectInclude = ({ directory, include = [] }: ProjectConfig): ReadonlyArray<string> =>
  include.map((path) => join(directory, path))

export interface OwnEnv {
  readonly env: Readonly<Record<string, string>>
  /** Passed on from the caller, and named like a secret: masked in logs. */
  readonly secrets: Readonly<Record<string, string>>
}

export interface EnvOptions {
  /** What the caller names itself: nothing is taken for it. */
  readonly except?: ReadonlySet<string>
  /** Default: this process's. */
  readonly own?: Readonly<Record<string, string | undefined>>
}

/** The variables a project asks for, with the caller's own value where it gives none. */
export const projectEnv = Effect.fnUntraced(function*(
  { env = {}, path }: Pick<ProjectConfig, "env" | "path">,
  { except = new Set(), own = process.env }: EnvOptions = {}
) {
  const found = { env: {} as Record<string, string>, secrets: {} as Record<string, string> }
  for (const [name, given] of Object.entries(env)) {
    if (except.has(name)) continue
    const value = given ?? own[name]
    if (value === undefined) return yield* new ConfigRefused({ path, line: 1, reason: "unset", key: name, detail: "" })
    if (given === null && isSecretName(name)) found.secrets[name] = value
    else found.env[name] = value
  }
  const all: OwnEnv = found
  return all
})
