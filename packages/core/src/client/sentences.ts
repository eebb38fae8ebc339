/** Where errors become words: what happened, why, and what to type or change. */
import { batchSentence } from "./batchSentences.ts"
import { callSentence } from "./callSentences.ts"
import type {
  ClientError,
  ConfigRefused,
  CredentialsUnusable,
  InputRefused,
  NotWritten,
  KeyNotAccepted,
  ProfileUnknown
} from "./errors.ts"
import { requirementsSentence } from "./requirementsSentences.ts"

export interface Sentence {
  readonly what: string
  readonly why: string
  readonly fix: string
}

const refusals: Record<InputRefused["reason"], readonly [why: string, fix: string]> = {
  root: ["The whole file system is never sent.", "Name the directory the script needs."],
  home: ["A whole home directory is never sent: it holds keys and caches.", "Name the directory the script needs."],
  keys: ["It holds keys.", "Pass what the script needs with --secret NAME."],
  unreadable: ["It can't be read.", "Check its permissions."],
  special: ["It is no regular file or directory.", "Copy its content into a file."],
  outside: ["It would stand outside the working directory.", "Name it by a path inside, without '..'."],
  missing: ["There is no such file.", "Check the path; it is relative to the current directory."]
}

const incomplete = {
  keyMissing: ["RGRID_URL is set, but RGRID_API_KEY is not.", "Set RGRID_API_KEY, or unset RGRID_URL to use this machine."],
  urlMissing: ["RGRID_API_KEY is set, but RGRID_URL is not.", "Set RGRID_URL, or unset RGRID_API_KEY to use this machine."],
  bothMissing: ["RGRID_URL and RGRID_API_KEY are not set.", "Set both."],
  urlMalformed: ["RGRID_URL is no address.", "Write it as https://grid.example.com."]
} as const

const unrepeatable = {
  files: "Not all of its files reached the grid.",
  stdin: "Not all of its stdin reached the grid.",
  members: "None of its items is such."
} as const

const noRoom = ({ detail, reason }: NotWritten): string => {
  switch (reason) {
    case "full":
      return "The disk here is full."
    case "readOnly":
      return "The disk here is read-only."
    case "denied":
      return "You may not write there."
    case "other":
      return `${detail}.`
  }
}

const toFetch = (execution: string, reason: NotWritten["reason"]): string => {
  const fetch = `rgrid download ${execution}`
  switch (reason) {
    case "full":
      return `Make room and fetch it: ${fetch}. The grid keeps it.`
    case "readOnly":
    case "denied":
      return `Fetch it elsewhere: ${fetch} DIRECTORY. The grid keeps it.`
    case "other":
      return `Mend that and fetch it: ${fetch}. The grid keeps it.`
  }
}

const notWritten = (error: NotWritten): Sentence => ({
  what: `${error.path} could not be written.`,
  why: noRoom(error),
  fix: error.execution === undefined ? "Make room there, or name another place in TMPDIR." : toFetch(error.execution, error.reason)
})

const credentials = ({ detail, path, reason }: CredentialsUnusable): Sentence => {
  switch (reason) {
    case "exposed":
      return { what: `Others may read ${path}.`, why: `It holds keys; its mode is ${detail}.`, fix: `chmod 600 ${path}` }
    case "unreadable":
      return { what: `${path} can't be read.`, why: `${detail}.`, fix: "Mend that, or delete it and run rgrid init." }
    case "unwritable":
      return { what: `${path} can't be written.`, why: `${detail}.`, fix: "Mend that and run rgrid init again." }
  }
}

const profileUnknown = ({ name, nearest, path }: ProfileUnknown): Sentence => ({
  what: `There is no profile ${name} in ${path}.`,
  why: "",
  fix: nearest === null
    ? `rgrid init --profile ${name} makes it; --profile local is the grid of this machine.`
    : `Did you mean ${nearest}?`
})

const keyNotAccepted = ({ reason, url }: KeyNotAccepted): Sentence => ({
  ...(reason === "malformed"
    ? { what: "This is no key of RGrid.", why: "One begins with rgrid_live_ and has 67 characters." }
    : {
      what: `The server at ${url} does not accept this key.`,
      why: "It is unknown or revoked, or has neither scope user nor admin."
    }),
  fix: "Check that all of it was given; an admin of that grid makes one with rgrid keys create. Nothing was written."
})

const neverThere = "Files of a project are copied and committed; keys and passwords never belong there."

const config = ({ detail, key, line, path, reason }: ConfigRefused): Sentence => {
  const at = `${path}:${line}`
  switch (reason) {
    case "malformed":
      return { what: `${at}: This is no YAML with a key on each line.`, why: `${detail}.`, fix: "Write it like: memory: 2g" }
    case "unknownKey": {
      const fix = detail === "" ? "docs/configuration.md lists them all." : `Did you mean ${detail}?`
      return { what: `${at}: There is no key ${key}.`, why: "", fix }
    }
    case "wrongValue":
      return { what: `${at}: ${key} is not what it should be.`, why: "", fix: `Give ${detail}.` }
    case "secret":
      return {
        what: `${at}: ${key} holds ${detail}.`,
        why: neverThere,
        fix: "Delete it there, and change it if it was committed. Give it at the call with --secret NAME."
      }
    case "unreadable":
      return { what: `${path} can't be read.`, why: `${detail}.`, fix: "Check its permissions." }
    case "unset":
      return { what: `${at}: ${key} is not set here.`, why: "Without a value your own is passed on.", fix: `Set ${key}.` }
  }
}

/** Of an interpreter's words, the line that names the error. */
const errorLine = (text: string): string => {
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "")
  return lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? ""
}

const tried = ({ tries }: { readonly tries?: number }): string => tries === undefined ? "" : `, tried ${tries} times`

/** Sentences for what stops a call. */
export const sentence = (error: ClientError): Sentence => {
  switch (error._tag) {
    case "ScriptMissing":
      return {
        what: `There is no file ${error.path}.`,
        why: "",
        fix: error.nearest === null ? "Check the path; it is relative to the current directory." : `Did you mean ${error.nearest}?`
      }
    case "ScriptNotAFile":
      return { what: `${error.path} is not a file.`, why: "", fix: "Name the script inside it." }
    case "UnknownRuntime":
      return {
        what: `There is no runtime ${error.name}.`,
        why: "",
        fix: error.nearest === null
          ? `Use one of ${error.known.join(", ")}, or an image with its registry, such as docker.io/library/perl:5.`
          : `Did you mean ${error.nearest}? rgrid runtimes shows them all; docker.io/library/perl:5 means an image.`
      }
    case "RuntimeUnsuitable":
      return {
        what: `${error.runtime} can't run ${error.script}.`,
        why: "",
        fix: `Use --runtime ${error.instead}, or none: it is the default.`
      }
    case "SyntaxRejected":
      return { what: `${error.script} has a syntax error.`, why: errorLine(error.text), fix: "Mend it and run again." }
    case "RuntimeUndetected":
      return {
        what: `Nothing tells what runs ${error.script}.`,
        why: "It has no known ending and no #! line.",
        fix: "Add --runtime, for example --runtime python:3.11."
      }
    case "MalformedEnv":
      return {
        what: `${JSON.stringify(error.pair)} is no environment variable.`,
        why: "A name has letters, digits and underscores, and doesn't begin with a digit.",
        fix: "Write --env NAME=VALUE, or --env NAME to pass on your own."
      }
    case "InputRefused": {
      const [why, fix] = refusals[error.reason]
      return { what: `${error.path} is not sent.`, why, fix }
    }
    case "OptionRefused":
    case "IdempotencyKeyReused":
      return callSentence(error)
    case "IncludeUnmatched":
      return {
        what: `--include ${error.pattern} matches no file.`,
        why: "",
        fix: "Write it relative to the current directory and in quotes, like --include 'data/**/*.csv'."
      }
    case "InputChanged":
      return {
        what: `${error.path} changed while it was being sent.`,
        why: "What would run is not what was there at the start.",
        fix: "Run again when nothing writes to it."
      }
    case "BatchEmpty":
    case "BatchTooLarge":
    case "BatchPatternUnmatched":
    case "BatchListRefused":
    case "ReplacementUnknown":
      return batchSentence(error)
    case "RequirementsMissing":
    case "RequirementsRefused":
      return requirementsSentence(error)
    case "KeyRefused":
      return {
        what: `The server at ${error.url} refused the key.`,
        why: "It is malformed, unknown, revoked, or lacks the scope.",
        fix: "rgrid init stores another; in CI set RGRID_API_KEY. An admin of the grid makes keys: rgrid keys create."
      }
    case "ServerUnreachable":
      return {
        what: "Network error. Check connection and retry.",
        why: `No RGrid server answers at ${error.url}${tried(error)}: ${error.detail}.`,
        fix: "The address is in RGRID_URL or the profile; what was accepted goes on."
      }
    case "ExecutionUnknown":
      return {
        what: `There is no execution ${error.id}.`,
        why: "",
        fix: error.nearest === null ? "rgrid list shows the recent ones." : `Did you mean ${error.nearest}?`
      }
    case "BatchUnknown":
      return { what: `There is no batch ${error.id}.`, why: "", fix: "rgrid list --batches shows the recent ones." }
    case "ExecutionUnended":
      return {
        what: `${error.id} has not ended.`,
        why: "What still writes is neither removed nor run again beneath it.",
        fix: `Wait for it, or end it first: rgrid cancel ${error.id}`
      }
    case "ExecutionUnrepeatable":
      return {
        what: `${error.id} can't be run again as it was.`,
        why: unrepeatable[error.lacks],
        fix: "Start it anew with rgrid run."
      }
    case "ExecutionAmbiguous":
      return {
        what: `Several begin with ${error.id}.`,
        why: `The newest: ${error.matches.join(", ")}.`,
        fix: "Type more of the id."
      }
    case "GridRefused":
      return {
        what: "The grid can't do this.",
        why: `${error.detail}.`,
        fix: error.passing === true
          ? "Retry later; GET /health tells what is wrong."
          : "It would refuse the same again: change what it is asked for, or tell who runs it."
      }
    case "ConnectionIncomplete": {
      const [what, fix] = incomplete[error.reason]
      return { what, why: "", fix }
    }
    case "CredentialsUnusable":
      return credentials(error)
    case "ProfileUnknown":
      return profileUnknown(error)
    case "ProfileIncomplete":
      return {
        what: `The profile ${error.name} in ${error.path} has no good ${error.reason}.`,
        why: "",
        fix: `rgrid init --profile ${error.name} --force writes it anew.`
      }
    case "ConfigRefused":
      return config(error)
    case "KeyNotAccepted":
      return keyNotAccepted(error)
    case "KeyUnknown":
      return { what: `There is no key ${error.id}.`, why: "", fix: "rgrid keys list shows them." }
    case "GridNotStarted":
      return {
        what: "The grid of this machine did not start.",
        why: error.detail,
        fix: error.log === null ? "Mend that and run rgrid up." : `Mend that and run rgrid up; ${error.log} tells more.`
      }
    case "NotWritten":
      return notWritten(error)
  }
}
