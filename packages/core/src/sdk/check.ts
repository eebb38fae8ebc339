/** Options as types can't say them, or as nobody checked them: told before anything is read or sent. */
import * as Effect from "effect/Effect"
import { OptionRefused } from "../client/errors.ts"
import * as Amount from "../domain/Amount.ts"
import { State } from "../domain/ExecutionState.ts"
import type { CostSettings, ListFilter } from "./ask.ts"
import type { InlineCode, JobOptions } from "./options.ts"

const shown = (given: unknown): string => typeof given === "string" ? JSON.stringify(given) : String(given)

export const refused = (option: string, given: unknown, expected: string) =>
  new OptionRefused({ option, given: shown(given), expected })

type Rule = readonly [option: string, value: unknown, isGood: (value: unknown) => boolean, expected: string]

/** What is not given is left to the grid. */
const check = (rules: ReadonlyArray<Rule>) =>
  Effect.forEach(rules, ([option, value, isGood, expected]) =>
    value === undefined || isGood(value) ? Effect.void : Effect.fail(refused(option, value, expected)), { discard: true })

const isText = (value: unknown): boolean => typeof value === "string"
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
const isRange = (least: number, most = Number.MAX_SAFE_INTEGER) => (value: unknown): boolean =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
const isKey = (value: unknown): boolean => typeof value === "string" && value.length > 0 && value.length <= 200

/** Never the value: it may be a secret. */
const texts = (option: string, given: Readonly<Record<string, unknown>> = {}): ReadonlyArray<Rule> =>
  Object.entries(given).filter(([, value]) => value !== undefined).map(([name, value]): Rule => [
    `${option}.${name}`,
    typeof value,
    (type) => type === "string",
    "a text"
  ])

const leastMemory = 16 * 1024 ** 2

export const checkJob = (options: JobOptions) =>
  check([
    ["runtime", options.runtime, isText, "a runtime's name or an image"],
    ["cpu", options.cpu, (value) => typeof value === "number" && Amount.isCpu(value), "cores, 0.01 to 1024"],
    ["memory", options.memory, isRange(leastMemory), "whole bytes, at least 16 MiB"],
    ["retries", options.retries, isRange(0, 20), "a number from 0 to 20"],
    ["network", options.network, (value) => value === "open" || value === "none", "\"open\" or \"none\""],
    ["include", options.include, isTexts, "an array of patterns"],
    ["idempotencyKey", options.idempotencyKey, isKey, "a text of 1 to 200 characters"],
    ...texts("env", options.env),
    ...texts("secrets", options.secrets),
    ...texts("metadata", options.metadata)
  ])

/** Whoever calls from JavaScript may give anything. */
export const checkScript = (script: string | null, inline: InlineCode | null, args: ReadonlyArray<string>) =>
  script === null && !isText(inline?.code) && !(inline?.code instanceof Uint8Array)
    ? Effect.fail(refused("code", inline?.code, "the script's source, or its path in place of all"))
    : check([["args", args, isTexts, "an array of texts"], ["name", inline?.name, isText, "a file's name"]])

/** Seconds. */
export const checkTimeout = (timeout: number | undefined) =>
  Effect.as(
    check([["timeout", timeout, (value) => Number.isFinite(value) && (value as number) > 0, "seconds, more than 0"]]),
    timeout === undefined ? {} : { timeoutSeconds: Math.ceil(timeout) }
  )

const mostListed = 1000
const statuses: ReadonlyArray<unknown> = [...State.literals, "timed out"]

export const checkList = ({ limit, metadata, script, status }: ListFilter) =>
  check([
    ["limit", limit, isRange(1, mostListed), `a number from 1 to ${mostListed}`],
    ["status", status, (value) => statuses.includes(value), `one of ${statuses.join(", ")}`],
    ["script", script, isText, "a text"],
    ...texts("metadata", metadata)
  ])

export const checkCost = ({ by, days, from, timeZone, to }: CostSettings) =>
  check([
    ["by", by, (value) => value === "day" || value === "month", "\"day\" or \"month\""],
    ["days", days, isRange(1), "a whole number, at least 1"],
    ["from", from, isText, "a day, like \"2026-11-21\""],
    ["to", to, isText, "a day, like \"2026-11-21\""],
    ["timeZone", timeZone, isText, "a time zone, like \"Europe/Berlin\""]
  ])

/** How many, from 1. */
export const checkCount = (option: string, value: number | undefined) =>
  check([[option, value, isRange(1), "a whole number, at least 1"]])
