/** What the step was given. */
import * as core from "@actions/core"
import * as Effect from "effect/Effect"
import { resolve } from "node:path"
import type { BatchOptions } from "rgrid/domain/Batch"
import * as Amount from "rgrid/domain/Amount"
import { isEnvName } from "rgrid/domain/JobSpec"
import { isSecretName, secretIn } from "rgrid/client/secretLike"
import { WrongInput } from "./errors.ts"
import { words } from "./words.ts"

export type FailOn = "any" | "all" | "never"

/** What GitHub is told, whatever comes of the step. */
export interface Wanted {
  /** Its name; null: none is wanted. */
  readonly comment: string | null
  readonly status: string | null
  readonly githubToken: string
}

export interface Inputs extends Wanted {
  readonly script: string
  readonly args: ReadonlyArray<string>
  /** Absolute. */
  readonly cwd: string
  /** Null: the script runs once. */
  readonly batch: { readonly patterns: ReadonlyArray<string>; readonly options: Omit<BatchOptions, "failOn" | "resume"> } | null
  readonly env: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
  readonly limits: {
    readonly cpu?: number
    readonly memoryBytes?: number
    readonly timeoutSeconds?: number
    readonly network?: "open" | "none"
    readonly runtime?: string
    readonly requirements?: string
  }
  readonly noCache: boolean
  readonly failOn: FailOn
  /** Absolute; null: where the script would have written. */
  readonly outputDirectory: string | null
  readonly annotate: boolean
}

const wrong = (what: string, fix: string) => new WrongInput({ what, fix })

const input = (name: string): string => core.getInput(name)

const linesOf = (text: string): ReadonlyArray<string> =>
  text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "")

/** Nothing where it is not given. */
const read = <Key extends string, A>(key: Key, name: string, parse: (text: string) => A | null, fix: string) => {
  const text = input(name)
  const value = text === "" ? undefined : parse(text)
  if (value === null) return Effect.fail(wrong(`${name}: ${text} makes no sense.`, fix))
  return Effect.succeed((value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: A })
}

const oneOf = <A extends string>(...values: ReadonlyArray<A>) => (text: string): A | null =>
  values.find((value) => value === text) ?? null

const yes = new Set(["true", "True", "TRUE"])
const no = new Set(["false", "False", "FALSE", ""])

const boolean = Effect.fnUntraced(function*(name: string, standard: boolean) {
  const text = input(name)
  if (text === "") return standard
  if (yes.has(text) || no.has(text)) return yes.has(text)
  return yield* wrong(`${name}: ${text} is neither true nor false.`, "Give one of them.")
})

/** `true` is the name that is given anyway. */
const named = (name: string, standard: string): string | null => {
  const text = input(name)
  return no.has(text) ? null : yes.has(text) ? standard : text
}

const variables = Effect.fnUntraced(function*(text: string) {
  const all = { env: {} as Record<string, string>, secrets: {} as Record<string, string> }
  for (const line of linesOf(text)) {
    const equals = line.indexOf("=")
    const name = equals < 0 ? line : line.slice(0, equals)
    // Never the whole line: its value may be a secret.
    if (!isEnvName(name)) return yield* wrong("env: A line is no variable.", "Write NAME=VALUE, or NAME, on each.")
    const value = equals < 0 ? process.env[name] : line.slice(equals + 1)
    if (value === undefined) return yield* wrong(`env: ${name} is not set.`, `Set it in the step's env, or write ${name}=VALUE.`)
    const kind = isSecretName(name) || secretIn(value) !== null ? "secrets" : "env"
    all[kind][name] = value
  }
  return all
})

const isPercent = (text: string): boolean => /^\d+%$/.test(text)
const percent = (text: string): number | null => Number.parseInt(text, 10) > 100 ? Number.parseInt(text, 10) : null
const positive = (text: string): number | null => /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null
const cores = (text: string): number | null => text !== "" && Amount.isCpu(Number(text)) ? Number(text) : null

const limits = Effect.fnUntraced(function*() {
  const text = (value: string) => value
  return {
    ...yield* read("cpu", "cpu", cores, "Give a number of cores, from 0.01 to 1024."),
    ...yield* read("memoryBytes", "memory", Amount.memoryBytes, "Give at least 16m, like 512m or 2g."),
    ...(isPercent(input("timeout")) ? {} : yield* read("timeoutSeconds", "timeout", Amount.seconds, "Give seconds, or like 90s, 5m, 2h.")),
    ...yield* read("network", "network", oneOf("open", "none"), "Give open or none."),
    ...yield* read("runtime", "runtime", text, ""),
    ...yield* read("requirements", "requirements", text, "")
  }
})

const batch = Effect.fnUntraced(function*() {
  const patterns = linesOf(input("batch"))
  const relative = isPercent(input("timeout"))
  if (patterns.length > 0) {
    const parallel = yield* read("parallel", "parallel", positive, "Give 1 or more.")
    const timeout = relative ? yield* read("timeoutPercent", "timeout", percent, "Give more than 100% of the median.") : {}
    return { patterns, options: { ...parallel, ...timeout } }
  }
  if (relative) return yield* wrong("timeout: A percentage is for batches.", "Give seconds, or like 90s, 5m, 2h.")
  if (input("parallel") !== "") return yield* wrong("parallel is for batches.", "Give batch too, or leave it out.")
  return null
})

const argsOf = (text: string) => {
  const split = words(text)
  return split === null
    ? Effect.fail(wrong("args: A quote is left open.", "Close it, or write \\ before it."))
    : Effect.succeed(split)
}

export const wanted = (): Wanted => ({
  comment: named("comment", "rgrid"),
  status: named("status", "rgrid"),
  githubToken: input("github-token") || process.env["GITHUB_TOKEN"] || ""
})

export const readInputs = Effect.fnUntraced(function*() {
  const script = input("script")
  if (script === "") return yield* wrong("There is no script to run.", "Name it: script: process.py")
  const cwd = resolve(process.env["GITHUB_WORKSPACE"] || process.cwd(), input("working-directory"))
  const outputs = input("output-dir")
  const failOn = yield* read("failOn", "fail-on", oneOf("any", "all", "never"), "Give any, all or never.")
  const inputs: Inputs = {
    script,
    args: yield* argsOf(input("args")),
    cwd,
    batch: yield* batch(),
    ...yield* variables(input("env")),
    limits: yield* limits(),
    noCache: !(yield* boolean("cache", true)),
    failOn: failOn.failOn ?? "any",
    outputDirectory: outputs === "" ? null : resolve(cwd, outputs),
    annotate: yield* boolean("annotate", true),
    ...wanted()
  }
  return inputs
})
