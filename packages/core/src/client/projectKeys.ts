/** The keys of a project's `.rgrid/config`, what each must be, and what comes of it. */
import * as Amount from "../domain/Amount.ts"
import { EnvName } from "../domain/JobSpec.ts"
import * as Schema from "effect/Schema"

/** Environment variables; null: the caller's own value. */
export type ProjectEnv = Readonly<Record<string, string | null>>

/** What a project's file says, with amounts as numbers. Absent: not said. */
export interface ProjectSettings {
  /** The profile whose grid is meant. */
  readonly profile?: string
  readonly runtime?: string
  readonly region?: string
  readonly parallel?: number
  readonly cpu?: number
  /** Bytes. */
  readonly memory?: number
  /** Seconds. */
  readonly timeout?: number
  readonly network?: "open" | "none"
  readonly retries?: number
  readonly env?: ProjectEnv
  /** Files and patterns, relative to the project's directory and inside it. */
  readonly include?: ReadonlyArray<string>
  /** A file, relative to the project's directory and inside it, or `none`. */
  readonly requirements?: string
  /** Relative to the project's directory and inside it. */
  readonly "output-dir"?: string
}

/** Undefined for what is not right. */
type Read<A> = (value: unknown) => A | undefined

const word: Read<string> = (value) => typeof value === "string" && /^\S+$/.test(value) ? value : undefined

const amount = (parse: (text: string) => number | null): Read<number> => (value) =>
  typeof value === "string" || typeof value === "number" ? parse(String(value)) ?? undefined : undefined

const number = (isGood: (value: number) => boolean): Read<number> => (value) =>
  typeof value === "number" && isGood(value) ? value : undefined

const literal = <const A extends string>(...known: ReadonlyArray<A>): Read<A> => (value) =>
  known.find((one) => one === value)

/** A file comes with a clone: it may not name what lies outside it, to be sent or written over. */
const inside: Read<string> = (value) =>
  typeof value === "string" && value !== "" && !/^[/~\\]|\0|^[A-Za-z]:/.test(value) &&
    !value.split(/[/\\]/).includes("..")
    ? value
    : undefined

const scalar = (value: unknown): string | null | undefined =>
  value === null || typeof value === "string"
    ? value
    : typeof value === "number" || typeof value === "boolean" ? String(value) : undefined

const isName = Schema.is(EnvName)

const pairsOf = (value: unknown): ReadonlyArray<readonly [string, unknown]> | undefined => {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => {
      const [, name, given] = /^([^=]*)(?:=(.*))?$/s.exec(typeof item === "string" ? item : "=") ?? []
      return [name ?? "", given ?? null] as const
    })
  }
  return typeof value === "object" && value !== null ? Object.entries(value) : undefined
}

const env: Read<ProjectEnv> = (value) => {
  const pairs = pairsOf(value)?.map(([name, given]) => [name, scalar(given)] as const)
  if (pairs === undefined || pairs.some(([name, given]) => !isName(name) || given === undefined)) return undefined
  return Object.fromEntries(pairs) as ProjectEnv
}

const list: Read<ReadonlyArray<string>> = (value) => {
  const items = (Array.isArray(value) ? value : [value]).map((item) => inside(item))
  return items.every((item) => item !== undefined) ? items : undefined
}

export const projectKeys: {
  readonly [Key in keyof Required<ProjectSettings>]: {
    readonly read: Read<NonNullable<ProjectSettings[Key]>>
    readonly expected: string
  }
} = {
  profile: { read: word, expected: "the name of a profile, like default" },
  runtime: { read: word, expected: "a runtime like python:3.12, or an image" },
  region: { read: word, expected: "the name of a region" },
  parallel: { read: number((n) => Number.isInteger(n) && n >= 1), expected: "a whole number from 1 up" },
  cpu: { read: number(Amount.isCpu), expected: "a number of cores from 0.01 to 1024" },
  memory: { read: amount(Amount.memoryBytes), expected: "at least 16m, like 512m or 2g" },
  timeout: { read: amount(Amount.seconds), expected: "seconds, or a time like 90s, 5m, 2h" },
  network: { read: literal("open", "none"), expected: "open or none" },
  retries: { read: number(Amount.isRetries), expected: "a whole number from 0 to 20" },
  env: { read: env, expected: "a NAME: value on each line below it; no value passes on your own" },
  include: { read: list, expected: "paths inside the project, one or a list" },
  requirements: { read: inside, expected: "a file inside the project, or none" },
  "output-dir": { read: inside, expected: "a directory inside the project" }
}
