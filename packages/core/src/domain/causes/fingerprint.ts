/**
 * What failures of one cause have in common, as text: two failures have the same one when what a person does about them is
 * the same. It leaves out what differs from item to item and keeps what tells causes apart.
 */
import type { Failure } from "../Failure.ts"
import type { Cause } from "./Cause.ts"
import { isWordless, value, withoutValues } from "./withoutValues.ts"

type Of<Tag extends Failure["_tag"]> = Extract<Failure, { readonly _tag: Tag }>

const fileName = (path: string): string => path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1)

/** Exceptions that speak of the script's own names: what is quoted is no value of an item. */
const ofNames = /(?:^|\.)(?:AttributeError|NameError|UnboundLocalError|ImportError|TypeError|ReferenceError)$/
const quotedName = /(?<![\p{L}\p{N}])['"]([A-Za-z_][\w.]{0,80})['"]/gu

const exception = ({ file, line, message, type }: Extract<Cause, { readonly _tag: "UncaughtException" }>): string => {
  const words = withoutValues(ofNames.test(type) ? message.replace(quotedName, "$1") : message)
  if (!isWordless(words)) return `${type}: ${words}`
  // `KeyError: 'x'` says nothing of its cause; where it was raised does.
  return `${type}${words === "" ? "" : `: ${value}`}${file === null ? "" : ` at ${fileName(file)}:${line ?? value}`}`
}

const ofCause = (cause: Cause): string => {
  switch (cause._tag) {
    case "ModuleMissing":
      return `ModuleMissing ${cause.module}`
    case "SyntaxInvalid":
      return `SyntaxInvalid ${withoutValues(cause.message)}`
    case "PermissionDenied":
      return `PermissionDenied ${cause.reason}`
    case "HeapExhausted":
      return `HeapExhausted ${cause.language}`
    case "CommandMissing":
      return `CommandMissing ${cause.command}`
    case "NetworkFailed":
      return `NetworkFailed ${cause.blocked ? "blocked" : cause.reason}`
    case "UncaughtException":
      return exception(cause)
    case "FileMissing":
    case "DiskFull":
      return cause._tag
  }
}

/** What a terminal would show of it: a progress bar writes its line again and again. */
const lastLine = (tail: string): string => {
  const line = tail.split("\n").findLast((each) => each.trim() !== "") ?? ""
  return withoutValues(line.split("\r").findLast((each) => each.trim() !== "") ?? "")
}

const behind = (words: string): string => words === "" ? "" : `: ${words}`

/** Shells, and what they start, end so when a signal ended a command of theirs. */
const ofCode = (code: number): string => code > 128 && code <= 128 + 31 ? `signal ${code - 128}` : `exit ${code}`

const exited = ({ cause, code, tail = "" }: Of<"ScriptExited">): string => {
  const kind = ofCode(code)
  if (cause !== undefined) return kind.startsWith("signal") ? `${kind}: ${ofCause(cause)}` : ofCause(cause)
  return `${kind}${behind(lastLine(tail))}`
}

const abort = 6

/** Only who gives up by himself says why; other signals come amid words about something else. */
const signaled = ({ cause, signal, tail = "" }: Of<"ScriptSignaled">): string =>
  `signal ${signal}${behind(cause !== undefined ? ofCause(cause) : signal === abort ? lastLine(tail) : "")}`

export const fingerprint = (failure: Failure): string => {
  switch (failure._tag) {
    case "ScriptExited":
      return exited(failure)
    case "ScriptSignaled":
      return signaled(failure)
    case "InterpreterMissing":
      return `InterpreterMissing ${failure.program} ${failure.runtime}`
    case "ImageMissing":
      return `ImageMissing ${failure.image}`
    case "AttemptsLost":
      return `AttemptsLost${behind(withoutValues(failure.detail))}`
    case "DependenciesFailed":
      return `DependenciesFailed ${failure.reason}${behind(lastLine(failure.tail))}`
    case "Halted":
      return `Halted ${failure.by}`
    case "OutOfMemory":
    case "TimedOut":
    case "Canceled":
    case "InputUnplaceable":
    case "UploadExpired":
      return failure._tag
  }
}
