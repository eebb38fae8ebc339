/** Where an execution's end without success becomes words. */
import type { Failure } from "../domain/Failure.ts"
import { moreMemory, ofCause, ofSignal } from "./causeSentences.ts"
import { installerSentence } from "./installerSentence.ts"
import type { Sentence } from "./sentences.ts"

const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`

const memory = (failure: Extract<Failure, { readonly _tag: "OutOfMemory" }>): string =>
  [
    failure.limitBytes === null ? "" : `its limit was ${mebibytes(failure.limitBytes)}`,
    failure.peakBytes === null ? "" : `it used ${mebibytes(failure.peakBytes)}`
  ].filter((text) => text !== "").join(", ")

const lastLine = (text: string): string =>
  (text.split("\n").findLast((line) => line.trim() !== "") ?? "").trim().slice(0, 300)

/** What the script said of its own end. */
const ownWords = ({ cause, tail = "" }: Pick<Extract<Failure, { readonly _tag: "ScriptExited" }>, "cause" | "tail">) => {
  if (cause !== undefined) return { why: cause.root, fix: ofCause(cause) }
  return { why: lastLine(tail), fix: "See its output." }
}

/** Sentences for what ended an execution without success. */
export const explain = (failure: Failure): Sentence => {
  switch (failure._tag) {
    case "ScriptExited":
      return { what: `The script exited with code ${failure.code}.`, ...ownWords(failure) }
    case "ScriptSignaled": {
      const { meaning, name } = ofSignal(failure.signal)
      const { fix, why } = ownWords(failure)
      const known = failure.cause === undefined && meaning !== "" ? meaning : why
      return { what: `${name} ended the script.`, why: known, fix }
    }
    case "OutOfMemory":
      return {
        what: "The script ran out of memory.",
        why: memory(failure) === "" ? "" : `The kernel stopped it: ${memory(failure)}.`,
        fix: `Give it more: --memory ${moreMemory(failure.limitBytes)}`
      }
    case "TimedOut":
      return {
        what: `The script was stopped after ${failure.seconds} second${failure.seconds === 1 ? "" : "s"}.`,
        why: "That was its timeout.",
        fix: `Give it more: --timeout ${2 * Math.ceil(failure.seconds)}`
      }
    case "Canceled":
      return { what: "The execution was canceled.", why: "", fix: "" }
    case "InterpreterMissing":
      return {
        what: `${failure.program} can't be started in ${failure.runtime}.`,
        why: failure.code === "ENOENT" ? "It is not there." : `The system says ${failure.code}.`,
        fix: "Choose a runtime that has it with --runtime."
      }
    case "ImageMissing":
      return {
        what: `There is no image ${failure.image}.`,
        why: failure.detail,
        fix: "Check its name, or choose another with --runtime."
      }
    case "InputUnplaceable":
      return {
        what: `${failure.path} can't stand at its own path where the script runs.`,
        why: "",
        fix: "Copy it into the working directory and name it there."
      }
    case "AttemptsLost":
      return {
        what: `The grid lost all ${failure.attempts} attempts.`,
        why: failure.detail,
        fix: "Run it again; --retries N allows more attempts."
      }
    case "DependenciesFailed":
      return {
        what: `What ${failure.declared} asks for could not be installed.`,
        ...installerSentence(failure)
      }
    case "Halted":
      return {
        what: "It was not run: its batch had come to an end.",
        why: failure.by === "halt" ? "The batch's --halt came true." : "What its script needs could not be installed.",
        fix: ""
      }
    case "UploadExpired":
      return { what: "The files never arrived.", why: "The client went away while sending them.", fix: "Run it again." }
  }
}
