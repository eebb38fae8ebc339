import * as Schema from "effect/Schema"
import type { ClientError } from "rgrid/client/errors"
import { explain as ofFailure } from "rgrid/client/failureSentences"
import { type Sentence, sentence } from "rgrid/client/sentences"
import { plain } from "rgrid/domain/plain"
import type { Failure } from "rgrid/domain/Failure"

/** An input of the step that makes no sense. */
export class WrongInput extends Schema.TaggedError<WrongInput>()("WrongInput", {
  what: Schema.String,
  fix: Schema.String
}) {}

export type StepError = ClientError | WrongInput

const shared = "args|batch|parallel|runtime|env|requirements|cpu|memory|timeout|network|fail-on|output-dir"

/** What the sentences of the core call flags are inputs here: `--timeout 20` is `timeout: 20`. */
const asInput = (text: string): string =>
  plain(text).replace(new RegExp(`--(${shared})\\b(?:[ =](?=[\\w'"]))?`, "g"), (flag, name: string) =>
    /[ =]$/.test(flag) ? `${name}: ` : name)

const inputs = ({ fix, what, why }: Sentence): Sentence => ({ what: asInput(what), why: asInput(why), fix: asInput(fix) })

export const explain = (error: StepError): Sentence =>
  error._tag === "WrongInput" ? { what: error.what, why: "", fix: error.fix } : inputs(sentence(error))

export const explainFailure = (failure: Failure): Sentence => inputs(ofFailure(failure))

/** In one line. */
export const joined = ({ fix, what, why }: Sentence): string => [what, why, fix].filter((text) => text !== "").join(" ")
