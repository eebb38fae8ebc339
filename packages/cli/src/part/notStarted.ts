/** A server or runner that can't start, in words: people read them, and `rgrid up` finds them in the log. */
import type { RunnerFailure } from "@rgrid/runner"
import { exitCodes } from "rgrid/client/exitCodes"
import { render } from "../output/render.ts"
import { marked } from "../output/style.ts"
import { plain } from "rgrid/domain/plain"
import type { Part } from "./Part.ts"

interface Words {
  readonly why: string
  readonly fix: string
}

const isObject = (cause: unknown): cause is Readonly<Record<string, unknown>> => typeof cause === "object" && cause !== null

const said = (cause: unknown): string => {
  if (!isObject(cause)) return String(cause)
  const words = [cause["detail"], cause["message"], cause["_tag"]]
  return String(words.find((word) => typeof word === "string" && word !== "") ?? cause)
}

/** Whatever a control plane fails with at its start carries its own words. */
const ofServer = (cause: unknown): Words => ({
  why: said(cause),
  fix: "Mend that and start it again; --data, --port and DATABASE_URL name what it uses."
})

/** Its errors are of another copy of their classes: they are known by their tags. */
const isFailure = (cause: unknown): cause is RunnerFailure =>
  isObject(cause) && ["KeyRefused", "StateDirectoryUnusable", "RunnerAlreadyRunning", "SandboxUnavailable"].includes(
    String(cause["_tag"])
  )

const ofRunner = (cause: unknown): Words => {
  if (!isFailure(cause)) return { why: said(cause), fix: "Mend that and start it again." }
  switch (cause._tag) {
    case "KeyRefused":
      return { why: `${cause.server} refuses the key.`, fix: "Set RGRID_API_KEY to a key with scope runner." }
    case "StateDirectoryUnusable":
      return { why: `${cause.directory} can't be used: ${cause.detail}`, fix: "Name another directory with --state." }
    case "RunnerAlreadyRunning":
      return { why: `Another runner uses ${cause.directory}.`, fix: "Stop it, or name another directory with --state." }
    case "SandboxUnavailable":
      return { why: cause.detail, fix: "Mend that, or choose another: --sandbox process isolates nothing." }
  }
}

export const wordsOf = (name: Part["name"], cause: unknown): string => {
  const what = `The ${name} did not start.`
  const { fix, why } = (name === "server" ? ofServer : ofRunner)(cause)
  return render(what, { what, why: plain(why), fix: plain(fix) })
}

/** Answers the exit code. */
export const tell = (name: Part["name"], cause: unknown): Promise<number> => {
  const text = wordsOf(name, cause)
  return new Promise((resolve) => process.stderr.write(`${marked(text, process.stderr)}\n`, () => resolve(exitCodes.grid)))
}
