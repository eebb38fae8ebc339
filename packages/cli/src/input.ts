/** What people type for sizes, times and pairs. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { readFile, stat } from "node:fs/promises"
import { MalformedEnv } from "rgrid/client/errors"
import * as Amount from "rgrid/domain/Amount"
import { isEnvName } from "rgrid/domain/JobSpec"
import { parseEuros } from "rgrid/domain/Money"

/** A value that makes no sense where it stands. */
export class BadInput extends Schema.TaggedError<BadInput>()("BadInput", { what: Schema.String, fix: Schema.String }) {}

const bad = (what: string, fix: string) => Effect.fail(new BadInput({ what, fix }))

/** `512m`, `2g`, `1.5GiB`: powers of 1024, as Docker has them. */
export const memory = (text: string): Effect.Effect<number, BadInput> => {
  const bytes = Amount.memoryBytes(text)
  return bytes === null
    ? bad(`--memory ${text} is no amount of memory.`, "Give at least 16m, like 512m or 2g.")
    : Effect.succeed(bytes)
}

/** `90`, `90s`, `5m`, `2h`, `1h30m`. */
export const timeout = (text: string): Effect.Effect<number, BadInput> => {
  const seconds = Amount.seconds(text)
  return seconds === null
    ? bad(`--timeout ${text} is no time.`, "Give seconds, or like 90s, 5m, 2h.")
    : Effect.succeed(seconds)
}

/** Seconds; null for `never`. */
export const idle = (text: string): Effect.Effect<number | null, BadInput> => {
  const total = Amount.seconds(text)
  if (text === "never") return Effect.succeed(null)
  return total !== null && total <= 365 * 86_400
    ? Effect.succeed(total)
    : bad(`--idle ${text} is no time.`, "Give one like 30m or 2h, or never.")
}

/** As it is typed. */
export const idleWords = (total: number | null): string => {
  if (total === null) return "never"
  const whole = [["d", 86_400], ["h", 3600], ["m", 60]] as const
  const [unit, length] = whole.find(([, length]) => total % length === 0) ?? ["s", 1]
  return `${total / length}${unit}`
}

export const cpu = (cores: number): Effect.Effect<number, BadInput> =>
  Amount.isCpu(cores)
    ? Effect.succeed(cores)
    : bad(`--cpu ${cores} is no number of cores.`, "Give one from 0.01 to 1024.")

export const retries = (number: number): Effect.Effect<number, BadInput> =>
  Amount.isRetries(number)
    ? Effect.succeed(number)
    : bad(`--retries ${number} is out of range.`, "Give a number from 0 to 20.")

/** Micros of an amount in EUR. */
export const hourlyCost = (text: string): Effect.Effect<number, BadInput> => {
  const micros = parseEuros(text)
  return micros === null
    ? bad(`--hourly-cost ${text} is no amount.`, "Give EUR with at most six decimals, like 0.0119.")
    : Effect.succeed(micros)
}

/** One that is missing is made; found out only at the end, a file of that name would leave the results behind. */
export const directory = Effect.fnUntraced(function*(path: string, said = path) {
  const found = yield* Effect.promise(() => stat(path).catch(() => null))
  if (found !== null && !found.isDirectory()) {
    return yield* bad(`${said} is no directory.`, "Name one; a new one is made.")
  }
})

type Variables = Record<string, string>
type Environment = Readonly<Record<string, string | undefined>>

/** `NAME=VALUE` as it is, `NAME` with the caller's own value. A name that the caller lacks is refused. */
export const variables = Effect.fnUntraced(function*(pairs: ReadonlyArray<string>, own: Environment = process.env) {
  const all: Variables = {}
  for (const pair of pairs) {
    const equals = pair.indexOf("=")
    const name = equals < 0 ? pair : pair.slice(0, equals)
    const value = equals < 0 ? own[name] : pair.slice(equals + 1)
    // Never the whole pair: its value may be a secret.
    if (!isEnvName(name)) return yield* new MalformedEnv({ pair: equals < 0 ? name : `${name}=…` })
    if (value === undefined) {
      return yield* bad(`${name} is not set here.`, `Set it, or write ${name}=VALUE in its place.`)
    }
    all[name] = value
  }
  return all
})

const unquoted = (text: string): string => /^(["']).*\1$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text

/** Lines `NAME=VALUE`, blank ones and `#` comments; `export ` and quotes around a value are taken off. */
export const variablesIn = Effect.fnUntraced(function*(path: string) {
  const text = yield* Effect.tryPromise({
    try: () => readFile(path, "utf8"),
    catch: () => new BadInput({ what: `--env-file ${path} can't be read.`, fix: "Check its name." })
  })
  const lines = text.split(/\r?\n/).map((line) => line.trim().replace(/^export\s+/, ""))
  const pairs = lines.filter((line) => line !== "" && !line.startsWith("#")).map((line) => {
    const equals = line.indexOf("=")
    return equals < 0 ? line : `${line.slice(0, equals).trim()}=${unquoted(line.slice(equals + 1).trim())}`
  })
  return yield* variables(pairs)
})

/** `KEY=VALUE` pairs that describe an execution. */
export const metadata = Effect.fnUntraced(function*(pairs: ReadonlyArray<string>) {
  const all: Variables = {}
  for (const pair of pairs) {
    const equals = pair.indexOf("=")
    if (equals < 1) return yield* bad(`--metadata ${pair} is no pair.`, "Give --metadata KEY=VALUE.")
    all[pair.slice(0, equals)] = pair.slice(equals + 1)
  }
  return all
})
