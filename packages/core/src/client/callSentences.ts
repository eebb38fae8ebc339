/** What programs get wrong about a call, in words. */
import type { IdempotencyKeyReused, OptionRefused } from "./errors.ts"
import type { Sentence } from "./sentences.ts"

export const callSentence = (error: OptionRefused | IdempotencyKeyReused): Sentence =>
  error._tag === "OptionRefused"
    ? { what: `${error.option} is not what it should be: ${error.given}.`, why: "", fix: `Give ${error.expected}.` }
    : {
      what: `The idempotency key ${error.key} was used for another job.`,
      why: "One key stands for one job, with its files and arguments.",
      fix: "Give each job a key of its own."
    }
