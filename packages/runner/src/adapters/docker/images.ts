/** Getting an image onto the engine: from its own store, else from the image's registry. */
import type Docker from "dockerode"
import * as Effect from "effect/Effect"
import { ImageNotFound, SandboxError } from "rgrid/ports/Sandbox"
import type { Engine } from "./Engine.ts"
import * as errors from "./errors.ts"
import type { Known } from "./Known.ts"
import type { Pulls } from "./Pulls.ts"

const name = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"

const host = "[a-zA-Z0-9-]+(?:\\.[a-zA-Z0-9-]+)*(?::\\d+)?"
const digest = "sha256:[0-9a-f]{64}"

const reference = new RegExp(
  `^(?:(?:${host}/)?${name}(?:/${name})*(?::\\w[\\w.-]{0,127})?(?:@${digest})?|${digest})$`
)

/**
 * Whether the engine could know such an image. Asked before anything else: the text becomes part of a request's path,
 * where `//` or `..` would make it another request (and `//` makes dockerode look for a host of that name, and crash).
 */
export const isReference = (image: string): boolean => image.length <= 512 && reference.test(image)

/** `python` means `python:latest`; without a tag the engine would pull every tag there is. */
export const withTag = (image: string): string => {
  const last = image.slice(image.lastIndexOf("/") + 1)
  return last.includes(":") || last.includes("@") ? image : `${image}:latest`
}

const pulled = (docker: Docker, image: string, tell: (event: unknown) => void, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    docker.pull(withTag(image), { abortSignal: signal }).then(
      (progress: NodeJS.ReadableStream) =>
        docker.modem.followProgress(progress, (error: Error | null) => error === null ? resolve() : reject(error), tell),
      reject
    )
  })

/** An image on the engine. */
export interface Image {
  /** Content address: another image under the same name has another. */
  readonly id: string
  /** What it sets for whatever runs in it. */
  readonly environment: Readonly<Record<string, string>>
  /** As Node names it. */
  readonly arch: string
}

const archOf = (engines: string): string => ({ amd64: "x64", x86_64: "x64", aarch64: "arm64" })[engines] ?? engines

const variables = (pairs: ReadonlyArray<string>): Record<string, string> =>
  Object.fromEntries(pairs.map((pair) => {
    const equals = pair.indexOf("=")
    return equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)]
  }))

/** Null where the engine does not have it. */
export const find = (docker: Docker, image: string): Promise<Image | null> =>
  docker.getImage(withTag(image)).inspect().then(
    ({ Architecture, Config, Id }) => ({
      id: Id,
      environment: variables(Config.Env ?? []),
      arch: archOf(Architecture)
    }),
    (cause: unknown) => errors.isStatus(cause, 404) ? null : Promise.reject(cause)
  )

/** Pulls the image unless it is there. Blocks meanwhile; the engine joins pulls of the same image. */
export const ensure = Effect.fnUntraced(function*(
  { docker }: Engine,
  known: Known,
  pulls: Pulls,
  image: string,
  stateDirectory: string
): Effect.fn.Return<Image, SandboxError> {
  const absent = (detail: string) => new SandboxError({ reason: new ImageNotFound({ image, detail }) })
  if (!isReference(image)) {
    return yield* absent("This is no image reference; one looks like python:3.12-slim or ghcr.io/owner/name@sha256:…")
  }
  const here = yield* known.find(image)
  if (here !== null) return here
  yield* Effect.tryPromise({
    try: (signal) => pulled(docker, image, pulls.begin(image), signal),
    catch: errors.fromPull(image, stateDirectory)
  }).pipe(Effect.ensuring(Effect.sync(() => pulls.end(image))), Effect.withSpan("docker.pull", { attributes: { image } }))
  return (yield* known.find(image)) ?? (yield* absent("It was pulled, and then was gone."))
})

/** Whether the engine has it, so that `ensure` would not block. */
export const has = ({ call, docker }: Engine, image: string): Effect.Effect<boolean, SandboxError> =>
  Effect.map(call(() => find(docker, image)), (found) => found !== null)
