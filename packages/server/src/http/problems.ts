/** Every answer but success is a problem document: the core's errors with sentences, and plain ones beside the contract. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SchemaIssue from "effect/SchemaIssue"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerRespondable from "effect/http/HttpServerRespondable"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as ProblemDetails from "effect/http/ProblemDetails"
import { HttpApiSchemaError } from "effect/http-api/HttpApiError"
import { STATUS_CODES } from "node:http"
import { Problems } from "rgrid/api/Api"
import { Malformed, type Problem, problems, ServerFault } from "rgrid/api/Errors"
import { said } from "./problemSentences.ts"

/** A problem that is told apart by its status alone. */
export const plain = (status: number, detail: string, remediation?: string): HttpServerResponse.HttpServerResponse => {
  const title = STATUS_CODES[status] ?? "Error"
  const code = title.replaceAll(/\W/g, "")
  return ProblemDetails.toResponse({
    type: "about:blank",
    title,
    status,
    detail,
    code,
    ...(remediation === undefined ? {} : { remediation })
  })
}

/** The same problem, as whoever sent the request reads it. */
const told = <P extends Problem>(problem: P, instance: string): P => Object.assign(problem, said(problem), { instance })

const pathOf = (request: HttpServerRequest.HttpServerRequest): string => request.url.split("?")[0] ?? ""

/** For routes beside the contract. */
export const answer = (problem: Problem): Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  never,
  HttpServerRequest.HttpServerRequest
> =>
  HttpServerRequest.HttpServerRequest.use((request) => HttpServerRespondable.toResponse(told(problem, pathOf(request))))

const issues = SchemaIssue.makeFormatterStandardSchemaV1()

const segment = (key: PropertyKey | { readonly key: PropertyKey }): string | number => {
  const value = typeof key === "object" ? key.key : key
  return typeof value === "number" ? value : String(value)
}

const malformed = (error: HttpApiSchemaError): Malformed => {
  const slot = error.kind.toLowerCase()
  const errors = issues(error.cause.issue).issues.map(({ message, path = [] }) => ({
    path: [slot, ...path.map(segment)],
    message
  }))
  return new Malformed({ errors })
}

/** What can't be said as the contract has it is the server's own fault, and is reported. */
const meant = (error: unknown): Effect.Effect<Problem> => {
  if (problems.some((kind) => error instanceof kind)) return Effect.succeed(error as Problem)
  if (HttpApiSchemaError.is(error) && error.kind !== "Body" && error.kind !== "ResponseHeaders") {
    return Effect.succeed(malformed(error))
  }
  return Effect.as(Effect.logError(Cause.fail(error)), new ServerFault())
}

const unread: Readonly<Record<number, string>> = {
  400: "The body can't be read as what its Content-Type says.",
  413: "The body is larger than the grid takes.",
  415: "The body has a Content-Type that is not taken here."
}

/** Says in words what would be a status alone: a body that is too large, or of another type. */
const worded = (response: HttpServerResponse.HttpServerResponse): HttpServerResponse.HttpServerResponse => {
  if (response.status < 400) return response
  const problem = plain(
    response.status,
    unread[response.status] ?? "The request can't be taken as it is.",
    "GET /openapi.json says what each request is made of."
  )
  // Of the body that was alone, these tell.
  const { "content-length": _length, "content-type": _type, ...kept } = response.headers
  return HttpServerResponse.setHeaders(problem, kept)
}

export const layer = Layer.succeed(Problems, (app) =>
  app.pipe(
    // A body that can't be read ends a handler as a defect that knows its answer.
    Effect.catchDefect((defect) =>
      HttpServerRespondable.isRespondable(defect)
        ? HttpServerRespondable.toResponse(defect)
        : Effect.fail(defect as never)
    ),
    Effect.map(worded),
    Effect.catch((error) =>
      HttpServerRequest.HttpServerRequest.use((request) =>
        Effect.flatMap(meant(error), (problem) => Effect.fail(told(problem, pathOf(request)) as never))
      )
    )
  ))
