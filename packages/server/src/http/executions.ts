import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Clock from "effect/Clock"
import { Api } from "rgrid/api/Api"
import { CurrentPrincipal } from "rgrid/api/Authorization"
import { Unprocessable } from "rgrid/api/Errors"
import { type AccountId, ExecutionId, executionId } from "rgrid/domain/Id"
import { awaitEnd } from "rgrid/grid/awaitEnd"
import { logText } from "rgrid/grid/logText"
import { outputFile, outputs } from "rgrid/grid/outputs"
import { readLog } from "rgrid/grid/readLog"
import { remove } from "rgrid/grid/remove"
import { resolve, unknown } from "rgrid/grid/resolve"
import { retry } from "rgrid/grid/retry"
import { appendStdin, endStdin } from "rgrid/grid/stdin"
import { submit, uploaded } from "rgrid/grid/submit"
import { ExecutionStore, UnknownExecution } from "rgrid/ports/ExecutionStore"
import type { LogStore } from "rgrid/ports/LogStore"
import { Hints } from "../runners/Hints.ts"
import { RunnerSessions } from "../runners/RunnerSessions.ts"
import { fileHeaders } from "./objects.ts"
import { answers } from "./translate.ts"

const isId = Schema.is(ExecutionId)

const account = Effect.map(CurrentPrincipal, (principal) => principal.account)

/** Does something with the execution that is meant, and tells a similar one when there is none. */
const about = <A, E, R>(typed: string, use: (owner: AccountId, id: ExecutionId) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(account, (owner) =>
    Effect.flatMap(resolve(owner, typed), (id) => use(owner, id)).pipe(
      Effect.catchIf(isUnknown, () => unknown(owner, typed))
    ))

const isUnknown = Schema.is(UnknownExecution)

const pair = (text: string) => {
  const equals = text.indexOf("=")
  return equals < 1
    ? Effect.fail(new Unprocessable({ detail: "metadata is given as KEY=VALUE" }))
    : Effect.succeed([text.slice(0, equals), text.slice(equals + 1)] as const)
}

/** An id may be the beginning of one, which is another's tomorrow, and what it stands for can be removed. */
const passing = { "accept-ranges": "none", "cache-control": "private, no-store" }

/** What a script wrote is no page of ours: no browser guesses one in it. */
const textHeaders = { "cache-control": "no-store", "x-content-type-options": "nosniff" }

const known = {
  StoreUnavailable: answers.StoreUnavailable,
  NoSuchExecution: answers.NoSuchExecution,
  AmbiguousId: answers.AmbiguousId
} as const

export const executions = HttpApiBuilder.group(Api, "executions", Effect.fn(function*(handlers) {
  const store = yield* ExecutionStore
  const sessions = yield* RunnerSessions
  const hints = yield* Hints
  return handlers.handleAll({
    submit: Effect.fnUntraced(function*({ headers, payload }) {
      const key = headers["idempotency-key"]
      const id = executionId(yield* Clock.currentTimeMillis)
      const by = { id, account: yield* account, spec: payload }
      return yield* submit(key === undefined ? by : { ...by, idempotencyKey: key })
    }, Effect.catchTags({
      StoreUnavailable: answers.StoreUnavailable,
      IdempotencyConflict: answers.IdempotencyConflict,
      InvalidJob: answers.InvalidJob
    })),
    list: Effect.fnUntraced(function*({ query: { before, limit = 20, metadata = [], script, status } }) {
      if (before !== undefined && !isId(before)) return yield* new Unprocessable({ detail: "before is no execution's id" })
      const found = yield* store.list(yield* account, {
        limit,
        ...(before === undefined ? {} : { before }),
        ...(status === undefined ? {} : { states: [status] }),
        ...(script === undefined ? {} : { script }),
        metadata: yield* Effect.forEach(typeof metadata === "string" ? [metadata] : metadata, pair)
      })
      const last = found.at(-1)
      return { executions: found, ...(found.length < limit || last === undefined ? {} : { next: last.id }) }
    }, Effect.catchTags({ StoreUnavailable: answers.StoreUnavailable })),
    get: ({ params, query: { wait } }) =>
      about(params.id, (owner, id) =>
        wait === undefined ? store.find(owner, id) : awaitEnd(owner, id, Duration.seconds(wait), hints.changed(id))).pipe(
          Effect.catchTags(known)
        ),
    why: Effect.fnUntraced(function*({ params }) {
      const story = yield* about(params.id, store.story)
      const all = yield* sessions.workers
      return {
        ...story,
        workerConnected: all.some(({ id }) => id === story.execution.runner),
        workers: {
          connected: all.length,
          slots: all.reduce((sum, { slots }) => sum + slots, 0),
          busy: all.reduce((sum, { busy }) => sum + busy, 0)
        }
      }
    }, Effect.catchTags(known)),
    uploaded: ({ params }) =>
      about(params.id, uploaded).pipe(
        Effect.catchTags({ ...known, ObjectsUnavailable: answers.ObjectsUnavailable })
      ),
    cancel: ({ params }) =>
      about(params.id, store.cancel).pipe(
        Effect.catchTags(known)
      ),
    retry: Effect.fnUntraced(function*({ headers, params, payload }) {
      const key = headers["idempotency-key"]
      const wanted = { id: executionId(yield* Clock.currentTimeMillis), over: payload }
      return yield* about(params.id, (owner, id) =>
        retry(owner, id, key === undefined ? wanted : { ...wanted, idempotencyKey: key }))
    }, Effect.catchTags({
      ...known,
      NotEnded: answers.NotEnded,
      NotRepeatable: answers.NotRepeatable,
      IdempotencyConflict: answers.IdempotencyConflict,
      LogUnavailable: answers.LogUnavailable
    })),
    remove: ({ params }) =>
      about(params.id, (owner, id) => Effect.as(remove(owner, id), { id })).pipe(
        Effect.catchTags({
          ...known,
          NotEnded: answers.NotEnded,
          LogUnavailable: answers.LogUnavailable,
          ObjectsUnavailable: answers.ObjectsUnavailable
        })
      ),
    outputs: ({ params }) =>
      about(params.id, outputs).pipe(
        Effect.catchTags(known)
      ),
    output: Effect.fnUntraced(function*({ params }) {
      const { bytes, size } = yield* about(params.id, (owner, id) => outputFile(owner, id, params.path))
      const headers = { ...fileHeaders(size), ...passing }
      return HttpServerResponse.stream(bytes, { contentType: "application/octet-stream", headers })
    }, Effect.catchTags({ ...known, NoSuchOutput: answers.NoSuchOutput })),
    stdin: Effect.fnUntraced(function*({ params, payload, query }) {
      const chunks = yield* Stream.runCollect(payload).pipe(Effect.orDie)
      const frames = Buffer.concat([...chunks])
      return yield* about(params.id, (owner, id) => appendStdin(owner, id, query.offset, frames))
    }, Effect.catchTags({
      ...known,
      LogUnavailable: answers.LogUnavailable,
      OffsetMismatch: answers.OffsetMismatch,
      MalformedLog: answers.MalformedLog
    })),
    endStdin: ({ params }) =>
      about(params.id, endStdin).pipe(Effect.catchTags({ ...known, LogUnavailable: answers.LogUnavailable })),
    logs: Effect.fnUntraced(function*({ params, query: { attempt, offset, wait } }) {
      const page = {
        ...(attempt === undefined ? {} : { attempt }),
        ...(offset === undefined ? {} : { offset }),
        ...(wait === undefined ? {} : { wait: Duration.seconds(wait) })
      }
      return yield* about(params.id, (owner, id) => readLog(owner, id, page))
    }, Effect.catchTags({ ...known, LogUnavailable: answers.LogUnavailable, NoFrameThere: answers.NoFrameThere })),
    text: Effect.fnUntraced(function*({ params, query }) {
      const context = yield* Effect.context<ExecutionStore | LogStore>()
      const bytes = yield* about(params.id, (owner, id) => logText(owner, id, query))
      return HttpServerResponse.stream(Stream.provideContext(bytes, context), { contentType: "text/plain", headers: textHeaders })
    }, Effect.catchTags(known))
  })
}))
