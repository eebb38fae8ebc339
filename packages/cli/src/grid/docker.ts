/** The two questions `rgrid up` has for Docker. The sandbox proper speaks to it in the runner. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type IncomingMessage, request } from "node:http"
import { dockerSocket } from "rgrid/domain/DockerHost"

export class DockerRefused extends Schema.TaggedError<DockerRefused>()("DockerRefused", { detail: Schema.String }) {}

/** A registry that can't be reached keeps a pull waiting for minutes. */
const withoutProgress = 20_000

const refused = (detail: string) => Effect.fail(new DockerRefused({ detail }))

const meaning = (error: NodeJS.ErrnoException): string => {
  switch (error.code) {
    case "ENOENT":
    case "ECONNREFUSED":
      return "Docker does not answer"
    case "EACCES":
    case "EPERM":
      return "this user may not use Docker"
    default:
      return `Docker does not answer (${error.message})`
  }
}

/** One request; `read` is told of each piece of the answer and of its end. Silence for `idle` milliseconds ends it. */
const ask = (method: "GET" | "POST", path: string, idle: number) =>
  Effect.callback<{ readonly status: number; readonly body: string }, DockerRefused>((resume, signal) => {
    const socketPath = dockerSocket(process.env["DOCKER_HOST"])
    if (socketPath === null) return resume(refused("DOCKER_HOST names an engine of another machine"))
    const asked = request({ socketPath, method, path, signal, timeout: idle }, (answer: IncomingMessage) => {
      // Of a pull's report only the end matters: it has the error, if there is one.
      let body = ""
      answer.setEncoding("utf8")
      answer.on("data", (text: string) => body = (body + text).slice(-16_384))
      answer.on("end", () => resume(Effect.succeed({ status: answer.statusCode ?? 0, body })))
      answer.on("error", (error) => resume(refused(meaning(error))))
    })
    asked.on("timeout", () => asked.destroy(new Error("no answer for some seconds")))
    asked.on("error", (error) => resume(refused(meaning(error))))
    asked.end()
  })

/** Fails when Docker does not answer. */
export const ping: Effect.Effect<void, DockerRefused> = ask("GET", "/_ping", 5_000).pipe(
  Effect.flatMap(({ status }) => status === 200 ? Effect.void : refused(`Docker answers with ${status}`))
)

export const hasImage = (image: string): Effect.Effect<boolean, DockerRefused> =>
  Effect.map(ask("GET", `/images/${encodeURIComponent(image)}/json`, 10_000), ({ status }) => status === 200)

/** Blocks while the pull makes progress. */
export const pull = (image: string): Effect.Effect<void, DockerRefused> =>
  ask("POST", `/images/create?fromImage=${encodeURIComponent(image)}`, withoutProgress).pipe(
    Effect.mapError(() => new DockerRefused({ detail: `the image ${image} is not here and can't be pulled` })),
    Effect.andThen(hasImage(image)),
    Effect.flatMap((there) => there ? Effect.void : refused(`the image ${image} is not here and can't be pulled`))
  )
