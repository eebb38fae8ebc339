/** A server or runner that can't start, in words: people read them, and `rgrid up` finds them in the log. */
import * as Schema from "effect/Schema"
import type { RunnerFailure } from "@rgrid/runner"

export class NotStarted extends Schema.TaggedError<NotStarted>()("NotStarted", {
  what: Schema.String,
  why: Schema.String,
  fix: Schema.String
}) {}

const isObject = (cause: unknown): cause is Readonly<Record<string, unknown>> => typeof cause === "object" && cause !== null

const said = (cause: unknown): string => {
  if (!isObject(cause)) return String(cause)
  const words = [cause["detail"], cause["message"], cause["_tag"]]
  return String(words.find((word) => typeof word === "string" && word !== "") ?? cause)
}

/** Whatever a control plane fails with at its start carries its own words. */
export const ofServer = (cause: unknown): NotStarted =>
  new NotStarted({
    what: "The server did not start.",
    why: said(cause),
    fix: "Mend that and start it again; --data, --port and DATABASE_URL name what it uses."
  })

const runner = (why: string, fix: string) => new NotStarted({ what: "The runner did not start.", why, fix })

/** Its errors are of another copy of their classes: they are known by their tags. */
const isFailure = (cause: unknown): cause is RunnerFailure =>
  isObject(cause) && ["KeyRefused", "StateDirectoryUnusable", "RunnerAlreadyRunning", "SandboxUnavailable"].includes(
    String(cause["_tag"])
  )

export const ofRunner = (cause: unknown): NotStarted => {
  if (!isFailure(cause)) return runner(said(cause), "Mend that and start it again.")
  switch (cause._tag) {
    case "KeyRefused":
      return runner(`${cause.server} refuses the key.`, "Set RGRID_API_KEY to a key with scope runner.")
    case "StateDirectoryUnusable":
      return runner(`${cause.directory} can't be used: ${cause.detail}`, "Name another directory with --state.")
    case "RunnerAlreadyRunning":
      return runner(`Another runner uses ${cause.directory}.`, "Stop it, or name another directory with --state.")
    case "SandboxUnavailable":
      return runner(cause.detail, "Mend that, or choose another: --sandbox process isolates nothing.")
  }
}
