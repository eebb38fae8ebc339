/** Where scripts run on this machine: in containers when they can be had, else as plain processes. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { GridNotStarted } from "rgrid/client/errors"
import { defaultRuntime, imageOf } from "rgrid/runtimes/resolve"
import * as docker from "./docker.ts"

export type Asked = "auto" | "docker" | "oci" | "process"

export interface Sandbox {
  /** `containers`: Docker's, or those of a faster runtime on this machine; the worker says which. */
  readonly kind: "containers" | "docker" | "oci" | "process"
  /** Why not containers; null where it was not wanted. */
  readonly because: string | null
}

const tryDocker = (progress: (line: string) => Effect.Effect<void>) =>
  Effect.gen(function*() {
    const image = imageOf(defaultRuntime)
    yield* docker.ping
    if (yield* docker.hasImage(image)) return
    yield* progress(`Pulling ${image}…`)
    yield* docker.pull(image)
  })

/** Containers whose image can't be had would fail every script; that is found out here, once. */
export const decide = (
  asked: Asked,
  progress: (line: string) => Effect.Effect<void>
): Effect.Effect<Sandbox, GridNotStarted> => {
  if (asked === "process") return Effect.succeed({ kind: "process", because: null })
  return Effect.flatMap(Effect.result(tryDocker(progress)), (tried): Effect.Effect<Sandbox, GridNotStarted> => {
    if (Result.isSuccess(tried)) return Effect.succeed({ kind: asked === "auto" ? "containers" : asked, because: null })
    const because = tried.failure.detail
    return asked !== "auto"
      ? Effect.fail(new GridNotStarted({ detail: `Docker is needed for --sandbox ${asked}, but ${because}`, log: null }))
      : Effect.succeed({ kind: "process", because })
  })
}

/** What a person must know of it, in one sentence; none for containers. */
export const caveat = ({ because, kind }: Sandbox): string | null => {
  if (kind !== "process") return null
  const plainly = "Scripts run as plain processes of this machine, without isolation"
  return because === null
    ? `${plainly}; to run them in containers: rgrid down, then rgrid up.`
    : `${plainly}, because ${because}; to run them in containers: mend that, then rgrid down and rgrid up.`
}
