/** Options as types can't say them: told before anything is read or sent. */
import * as Effect from "effect/Effect"
import { OptionRefused } from "../client/errors.ts"
import * as Amount from "../domain/Amount.ts"
import type { JobOptions } from "./options.ts"

export const refused = (option: string, given: unknown, expected: string) =>
  new OptionRefused({ option, given: typeof given === "string" ? JSON.stringify(given) : String(given), expected })

const leastMemory = 16 * 1024 ** 2

const isWhole = (least: number) => (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= least

const rules: ReadonlyArray<readonly [option: keyof JobOptions, isGood: (value: never) => boolean, expected: string]> = [
  ["cpu", Amount.isCpu, "cores, 0.01 to 1024"],
  ["memory", isWhole(leastMemory), "whole bytes, at least 16 MiB"],
  ["retries", Amount.isRetries, "a number from 0 to 20"],
  ["network", (value: unknown) => value === "open" || value === "none", "\"open\" or \"none\""]
]

export const checkJob = (options: JobOptions) =>
  Effect.forEach(rules, ([option, isGood, expected]) => {
    const value = options[option]
    return value === undefined || isGood(value as never) ? Effect.void : Effect.fail(refused(option, value, expected))
  }, { discard: true })

/** Seconds. */
export const checkTimeout = (timeout: number | undefined) =>
  timeout === undefined || (Number.isFinite(timeout) && timeout > 0)
    ? Effect.succeed(timeout === undefined ? {} : { timeoutSeconds: Math.ceil(timeout) })
    : Effect.fail(refused("timeout", timeout, "seconds, more than 0"))

/** How many, from 1. */
export const checkCount = (option: string, value: number | undefined) =>
  value === undefined || isWhole(1)(value) ? Effect.void : Effect.fail(refused(option, value, "a whole number, at least 1"))
