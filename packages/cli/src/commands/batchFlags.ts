/** What `rgrid run` can be told about a batch. */
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { parseHalt } from "rgrid/client/batch/halt"
import type { BatchOptions, FailOn } from "rgrid/domain/Batch"
import { BadInput } from "../input.ts"
import { boolean, described, repeated } from "./flags.ts"

export const batchInput = {
  batch: repeated("batch", "Run it once for each file of a pattern, or value of {1..9}; behind the script, for all that follow"),
  batchFrom: described("batch-from", "Run it once for each line or row of a file: .csv, .tsv, .jsonl; - is stdin"),
  parallel: Flag.Int("parallel").pipe(
    Flag.withDescription("Items of a batch at a time, kept by the grid; default: 10, on this machine its slots"),
    Flag.optional
  ),
  halt: described("halt", "End a batch early: soon,fail=5% starts nothing more, now,fail=1 and now,success=1 stop all"),
  failOn: Flag.Literals("fail-on", ["any", "all"]).pipe(
    Flag.withDescription("Which failed items make a batch exit with 1; default: all"),
    Flag.optional
  ),
  isolation: Flag.Literals("isolation", ["execution", "batch"]).pipe(
    Flag.withDescription("batch: items follow each other in a slot, faster, less apart; default: a slot for each"),
    Flag.optional
  ),
  resume: boolean("resume", "Leave out items of a batch that completed before with the same content"),
  flat: boolean("flat", "Write a batch's outputs into one directory, as ITEM_FILE")
} as const

export interface BatchAsked {
  readonly batch: ReadonlyArray<string>
  readonly batchFrom: Option.Option<string>
  readonly parallel: Option.Option<number>
  readonly halt: Option.Option<string>
  readonly failOn: Option.Option<FailOn>
  readonly isolation: Option.Option<"execution" | "batch">
  readonly resume: boolean
  readonly flat: boolean
  readonly timeout: Option.Option<string>
}

export const isBatch = ({ batch, batchFrom }: BatchAsked): boolean => batch.length > 0 || Option.isSome(batchFrom)

/** `200%`, of the median of the items so far. */
export const isPercent = (text: string): boolean => /^\s*\d+\s*%\s*$/.test(text)

/** Of a run of one script they would mean nothing, which nobody would notice. */
export const refuseBatchFlags = Effect.fnUntraced(function*(asked: BatchAsked) {
  const used = [
    ["--parallel", Option.isSome(asked.parallel)],
    ["--halt", Option.isSome(asked.halt)],
    ["--fail-on", Option.isSome(asked.failOn)],
    ["--isolation", Option.isSome(asked.isolation)],
    ["--resume", asked.resume],
    ["--flat", asked.flat],
    ["--timeout with a percentage", Option.exists(asked.timeout, isPercent)]
  ] as const
  const [first] = used.find(([, isUsed]) => isUsed) ?? []
  if (first === undefined) return
  return yield* new BadInput({
    what: `${first} is for batches.`,
    fix: "Add --batch PATTERN or --batch-from FILE, before a script that has such a flag itself; or leave it out."
  })
})

const parallelOf = (number: number) =>
  number >= 1
    ? Effect.succeed(number)
    : Effect.fail(new BadInput({ what: `--parallel ${number} is out of range.`, fix: "Give 1 or more." }))

const haltOf = (text: string) => {
  const halt = parseHalt(text)
  return halt === null
    ? Effect.fail(new BadInput({
      what: `--halt ${text} says not when a batch ends.`,
      fix: "Give WHEN,WHAT=N or N%: soon or now, fail or success or done, like soon,fail=5% or now,success=1."
    }))
    : Effect.succeed(halt)
}

const percentOf = (text: string) => {
  const percent = Number.parseInt(text, 10)
  return percent > 100
    ? Effect.succeed(percent)
    : Effect.fail(new BadInput({
      what: `--timeout ${text.trim()} would stop every other item.`,
      fix: "Give more than 100% of the median, like 200%."
    }))
}

/** What is not given is left to the grid. */
export const optionsOf = Effect.fnUntraced(function*(asked: BatchAsked) {
  const parallel = Option.isSome(asked.parallel) ? { parallel: yield* parallelOf(asked.parallel.value) } : {}
  const halt = Option.isSome(asked.halt) ? { halt: yield* haltOf(asked.halt.value) } : {}
  const relative = Option.filter(asked.timeout, isPercent)
  const timeout = Option.isSome(relative) ? { timeoutPercent: yield* percentOf(relative.value) } : {}
  const failOn = Option.getOrElse(asked.failOn, (): FailOn => "all")
  const options: BatchOptions = { failOn, resume: asked.resume, ...parallel, ...halt, ...timeout }
  return options
})
