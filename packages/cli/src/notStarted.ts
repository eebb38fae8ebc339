/** A server or runner that can't start, in words: people read them, and `rgrid up` finds them in the log. */
import * as Schema from "effect/Schema"
import type { RunnerFailure } from "@rgrid/runner"

export class NotStarted extends Schema.TaggedError<NotStarted>()("NotStarted", {
  what: Schema.String,
  why: Schema.String,
  fix: Schema.String
}) {}

const said = (error: { readonly message: string; readonly detail?: unknown; readonly _tag?: unknown }): string =>
  typeof error.detail === "string" ? error.detail : error.message || String(error._tag)

/** Whatever a control plane fails with at its start carries its own words. */
export const ofServer = (error: Error & { readonly detail?: unknown }): NotStarted =>
  new NotStarted({
    what: "The server did not start.",
    why: said(error),
    fix: "Mend that and start it again; --data, --port and DATABASE_URL name what it uses."
  })

const runner = (why: string, fix: string) => new NotStarted({ what: "The runner did not start.", why, fix })

export const ofRunner = (failure: RunnerFailure): NotStarted => {
  switch (failure._tag) {
    case "KeyRefused":
      return runner(`${failure.server} refuses the key.`, "Set RGRID_API_KEY to a key with scope runner.")
    case "StateDirectoryUnusable":
      return runner(`${failure.directory} can't be used: ${failure.detail}`, "Name another directory with --state.")
    case "RunnerAlreadyRunning":
      return runner(`Another runner uses ${failure.directory}.`, "Stop it, or name another directory with --state.")
    case "SandboxUnavailable":
      return runner(failure.detail, "Mend that, or choose another: --sandbox process isolates nothing.")
  }
}
