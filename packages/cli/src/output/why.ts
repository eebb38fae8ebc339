/** The answer of `rgrid why`, in words. */
import { type Execution, spoken } from "rgrid/domain/Execution"
import { euros } from "rgrid/domain/Money"
import type { Answer, AttemptStory, Remark, Step, TimeSpent, Verdict } from "rgrid/domain/Why"
import { isItsOwn, lastWords, ofFailure } from "./failures.ts"
import { count, duration, plain, size } from "./format.ts"

export interface Told {
  readonly why: string
  /** What the script's own words tell. */
  readonly cause?: string
  /** Empty when there is nothing to do. */
  readonly fix: string
}

const queueWords = (ahead: number): string =>
  ahead === 0
    ? "It is the next in the queue."
    : `${count(ahead, "execution")} ${ahead === 1 ? "is" : "are"} queued before it.`

const slotWords = (slots: number): string => slots === 1 ? "The only slot is" : `All ${slots} slots are`

const ended = (failure: Extract<Verdict, { readonly _tag: "Ended" }>["failure"], id: string): Told => {
  if (failure === null) return { why: "It ended, and no reason is on record.", fix: "" }
  const { fix, what, why } = ofFailure(failure)
  return {
    ...(isItsOwn(failure)
      ? { why: what, ...(why === "" ? {} : { cause: why }) }
      : { why: [what, why].filter((text) => text !== "").join(" ") }),
    fix: fix === "See its output." ? `See its output: rgrid logs ${id}` : fix
  }
}

/** Every state has an answer. */
const verdictWords = (verdict: Verdict, id: string): Told => {
  switch (verdict._tag) {
    case "Uploading":
      return verdict.parts === 0
        ? { why: "Its files have arrived; its client has not said so yet.", fix: "" }
        : {
          why: `Its client has still to send ${count(verdict.parts, "part")} of its files (${size(verdict.bytes)}).`,
          fix: `Wait for the rgrid run that sends them; if that is gone, run it again and rgrid cancel ${id}.`
        }
    case "Held":
      return { why: "It waits for a place: as many run as are allowed at a time.", fix: "" }
    case "Building":
      return { why: "What the script depends on is being installed.", fix: "" }
    case "NoWorker":
      return {
        why: `No worker is connected. ${queueWords(verdict.ahead)}`,
        fix: "Start one: rgrid runner, or on this machine rgrid up."
      }
    case "SlotsBusy":
      return {
        why: `${slotWords(verdict.slots)} busy. ${queueWords(verdict.ahead)}`,
        fix: "Wait, or add slots: rgrid runner --slots N."
      }
    case "NextInLine":
      return { why: `A slot is free. ${queueWords(verdict.ahead)}`, fix: "It starts within seconds." }
    case "CancelRequested":
      return { why: "It was asked to end and is given ten seconds to do so.", fix: "" }
    case "WorkerLost":
      return {
        why: `Its worker is not connected. If it stays away, another attempt is made in ${duration(verdict.untilMillis)}.`,
        fix: ""
      }
    case "Preparing":
      return { why: "A worker has it and gets its slot and its inputs ready.", fix: "" }
    case "Running":
      return { why: `It runs. Its output: rgrid logs --follow ${id}`, fix: "" }
    case "Completed":
      return { why: "It did what it was asked.", fix: "" }
    case "Ended":
      return ended(verdict.failure, id)
  }
}

const steps: Readonly<Record<Step, string>> = {
  uploading: "sending its files",
  queued: "queued",
  "between attempts": "queued again",
  installing: "installing dependencies",
  "image and slot": "image and slot",
  inputs: "bringing inputs",
  preparing: "preparing",
  running: "running",
  outputs: "bringing outputs back",
  settling: "settling"
}

/** Shares below a percent are left out, except of what took a second. */
const timeWords = (time: ReadonlyArray<TimeSpent>): string => {
  const total = time.reduce((sum, { millis }) => sum + millis, 0)
  const telling = time.filter(({ millis }) => millis > 0 && (millis * 100 >= total || millis >= 1000))
  const words = ({ millis, step }: TimeSpent) => {
    const long = millis < 1000 ? `${millis} ms` : duration(millis)
    return `${steps[step]} ${long} (${Math.round((millis / total) * 100)} %)`
  }
  return telling.map(words).join(", ")
}

const usual = ({ ended, medianMillis, millis, runs }: Extract<Remark, { readonly _tag: "Usual" }>): string => {
  const base = `${duration(medianMillis)}, the median of ${count(runs, "earlier run")}`
  if (millis > medianMillis * 1.5 && millis - medianMillis > 1000) {
    return `${base}; this one took ${(millis / Math.max(1, medianMillis)).toFixed(1)} times as long`
  }
  return ended && millis * 1.5 < medianMillis && medianMillis - millis > 1000 ? `${base}; this one was faster` : base
}

const bound = ({ allowed, cores }: Extract<Remark, { readonly _tag: "CpuBound" }>): string => {
  const of = allowed === null ? "" : ` of ${allowed} allowed`
  return `it kept ${cores.toFixed(1)} cores busy${of}: it is bound by the processor`
}

const waited = "for a disk, the network or by itself: more cores would not help"

const remarkRow = (remark: Remark): readonly [label: string, words: string] => {
  switch (remark._tag) {
    case "CpuBound":
      return ["CPU", bound(remark)]
    case "MostlyWaited":
      return ["CPU", `it waited ${remark.percent} % of its time, ${waited}`]
    case "NearMemoryLimit":
      return ["Memory", `it used ${size(remark.peakBytes)} of ${size(remark.limitBytes)}; give it more with --memory`]
    case "Usual":
      return ["Usually", usual(remark)]
  }
}

const attemptWords = ({ attempt, detail, micros, millis, outcome, runner, sandbox }: AttemptStory): string => {
  const where = [runner, sandbox].filter((text) => text !== null).join(" · ")
  const became = outcome === "lost"
    ? `lost after ${duration(millis)}: ${plain(detail ?? "")}`
    : `${outcome === "ended" ? "ended after" : "goes on since"} ${duration(millis)}`
  return `${attempt}: ${where === "" ? "" : `${where}, `}${became}${micros === 0 ? "" : ` (${euros(micros)})`}`
}

const costWords = ({ cost }: Answer): string | null => {
  if (cost === null || (cost.micros === 0 && cost.price.hourlyMicros === 0)) return null
  const { hourlyMicros, slots } = cost.price
  const shared = slots === 1 ? "" : ` shared by ${slots} slots`
  return `${euros(cost.micros)} (estimated): its time in a slot, at ${euros(hourlyMicros)} an hour${shared}`
}

/** The sentences alone. */
export const told = ({ verdict }: Answer, id = "ID"): Told => verdictWords(verdict, id)

export const explanation = (execution: Execution, answer: Answer): string => {
  const { cause, fix, why } = told(answer, execution.id)
  const since = execution.endedAt === null ? "for" : "after"
  const many = answer.attempts.length > 1 || answer.attempts.some(({ outcome }) => outcome === "lost")
  const rows: ReadonlyArray<readonly [label: string, words: string | null]> = [
    ["Execution", `${execution.id}  ${plain(execution.script)}`],
    ["Status", `${spoken(execution.state)}, ${since} ${duration(answer.verdict.millis)}`],
    ["Why", plain(why)],
    ["Cause", cause === undefined ? null : plain(cause)],
    ["Fix", fix === "" ? null : plain(fix)],
    ["Time", timeWords(answer.time) === "" ? null : timeWords(answer.time)],
    ...answer.remarks.map(remarkRow),
    ...(many ? answer.attempts.map((attempt, i) => [i === 0 ? "Attempts" : "", attemptWords(attempt)] as const) : []),
    ["Cost", costWords(answer)]
  ]
  const known = rows.filter(([, words]) => words !== null)
  return known.map(([label, words]) => `${(label === "" ? "" : `${label}:`).padEnd(12)}${words}\n`).join("") +
    lastWords(answer.verdict._tag === "Ended" ? answer.verdict.failure : null)
}
