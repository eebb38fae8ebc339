/**
 * Identifiers: a prefix that tells what the thing is, then 26 characters of Crockford base 32, 48 bits of time and 80 of
 * chance, so that ids of one kind sort by creation (the layout is ULID's).
 */
import * as Schema from "effect/Schema"

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

const id = <const Prefix extends string>(prefix: Prefix) =>
  Schema.String.check(Schema.isPattern(new RegExp(`^${prefix}_[${alphabet}]{26}$`)))

export const ExecutionId = id("exec").pipe(Schema.brand("ExecutionId"))
export type ExecutionId = typeof ExecutionId.Type

export const BatchId = id("batch").pipe(Schema.brand("BatchId"))
export type BatchId = typeof BatchId.Type

export const AccountId = id("acct").pipe(Schema.brand("AccountId"))
export type AccountId = typeof AccountId.Type

/** A runner keeps its id for life; each start of it is a new `Incarnation`. */
export const RunnerId = id("run").pipe(Schema.brand("RunnerId"))
export type RunnerId = typeof RunnerId.Type

export const Incarnation = id("inc").pipe(Schema.brand("Incarnation"))
export type Incarnation = typeof Incarnation.Type

const isPart = new RegExp(`^[${alphabet}]{1,26}$`)

/** What an id typed by hand begins with: `exec_` may be missing, letters may be large. Null: no id begins so. */
export const executionPrefix = (typed: string): string | null => {
  const rest = typed.toLowerCase().replace(/^exec_/, "")
  return isPart.test(rest) ? `exec_${rest}` : null
}

/** What a batch's id typed by hand begins with. Its `batch_` tells it from an execution's and can't be missing. */
export const batchPrefix = (typed: string): string | null => {
  const lower = typed.toLowerCase()
  return lower.startsWith("batch_") && isPart.test(lower.slice("batch_".length)) ? lower : null
}

const time = (millis: number): string => {
  let text = ""
  for (let rest = millis, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) text = alphabet[rest % 32] + text
  return text
}

/** When an id was made, milliseconds since 1970. */
export const millisOf = (id: string): number =>
  Array.from(id.slice(id.indexOf("_") + 1).slice(0, 10)).reduce((sum, letter) => sum * 32 + alphabet.indexOf(letter), 0)

const chance = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => alphabet[byte % 32]).join("")
}

/** The next number in the same notation. After the last comes the first: nobody makes so many. */
const successor = (text: string): string => {
  const digits = Array.from(text, (letter) => alphabet.indexOf(letter))
  for (let at = digits.length - 1; at >= 0; at--) {
    digits[at] = (digits[at]! + 1) % 32
    if (digits[at] !== 0) break
  }
  return digits.map((digit) => alphabet[digit]).join("")
}

const fresh = (prefix: string, millis: number): string => `${prefix}_${time(millis)}${chance()}`

/** A new id; `millis` is the time it sorts by, milliseconds since 1970. */
export const executionId = (millis: number): ExecutionId => ExecutionId.make(fresh("exec", millis))
/** New ids of one time, each behind the one before: what was made in an order is listed in it. */
export const executionIds = (millis: number): () => ExecutionId => {
  const base = time(millis)
  let last = chance()
  return () => {
    const id = ExecutionId.make(`exec_${base}${last}`)
    last = successor(last)
    return id
  }
}

export const batchId = (millis: number): BatchId => BatchId.make(fresh("batch", millis))
export const accountId = (millis: number): AccountId => AccountId.make(fresh("acct", millis))
export const runnerId = (millis: number): RunnerId => RunnerId.make(fresh("run", millis))
export const incarnation = (millis: number): Incarnation => Incarnation.make(fresh("inc", millis))
