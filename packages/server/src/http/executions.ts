import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Clock from "effect/Clock"
import { Api } from "rgrid/api/Api"
import { CurrentPrincipal } from "rgrid/api/Authorization"
import { NotFound, Unprocessable } from "rgrid/api/Errors"
import { ExecutionId, executionId } from "rgrid/domain/Id"
import { outputs } from "rgrid/grid/outputs"
import { readLog } from "rgrid/grid/readLog"
import { appendStdin, endStdin } from "rgrid/grid/stdin"
import { submit, uploaded } from "rgrid/grid/submit"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"
import { RunnerSessions } from "../runners/RunnerSessions.ts"
import { answers } from "./translate.ts"

const isId = Schema.is(ExecutionId)

/** What can't be an id is as unknown as one that never was. */
const idOf = (id: string) => isId(id) ? Effect.succeed(id) : Effect.fail(new NotFound({ what: "execution", id }))

const account = Effect.map(CurrentPrincipal, (principal) => principal.account)

const known = {
  StoreUnavailable: answers.StoreUnavailable,
  UnknownExecution: answers.UnknownExecution
} as const

export const executions = HttpApiBuilder.group(Api, "executions", Effect.fn(function*(handlers) {
  const store = yield* ExecutionStore
  const sessions = yield* RunnerSessions
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
    list: Effect.fnUntraced(function*({ query: { before, limit = 20, script, status } }) {
      if (before !== undefined && !isId(before)) return yield* new Unprocessable({ detail: "before is no execution's id" })
      const found = yield* store.list(yield* account, {
        limit,
        ...(before === undefined ? {} : { before }),
        ...(status === undefined ? {} : { states: [status] }),
        ...(script === undefined ? {} : { script })
      })
      const last = found.at(-1)
      return { executions: found, ...(found.length < limit || last === undefined ? {} : { next: last.id }) }
    }, Effect.catchTags({ StoreUnavailable: answers.StoreUnavailable })),
    get: ({ params }) =>
      Effect.flatMap(Effect.all([account, idOf(params.id)]), ([owner, id]) => store.find(owner, id)).pipe(
        Effect.catchTags(known)
      ),
    why: Effect.fnUntraced(function*({ params }) {
      const story = yield* store.story(yield* account, yield* idOf(params.id))
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
      Effect.flatMap(Effect.all([account, idOf(params.id)]), ([owner, id]) => uploaded(owner, id)).pipe(
        Effect.catchTags({ ...known, ObjectsUnavailable: answers.ObjectsUnavailable })
      ),
    cancel: ({ params }) =>
      Effect.flatMap(Effect.all([account, idOf(params.id)]), ([owner, id]) => store.cancel(owner, id)).pipe(
        Effect.catchTags(known)
      ),
    outputs: ({ params }) =>
      Effect.flatMap(Effect.all([account, idOf(params.id)]), ([owner, id]) => outputs(owner, id)).pipe(
        Effect.catchTags(known)
      ),
    stdin: Effect.fnUntraced(function*({ params, payload, query }) {
      const chunks = yield* Stream.runCollect(payload).pipe(Effect.orDie)
      return yield* appendStdin(yield* account, yield* idOf(params.id), query.offset, Buffer.concat([...chunks]))
    }, Effect.catchTags({
      ...known,
      LogUnavailable: answers.LogUnavailable,
      OffsetMismatch: answers.OffsetMismatch,
      MalformedLog: answers.MalformedLog
    })),
    endStdin: Effect.fnUntraced(function*({ params }) {
      yield* endStdin(yield* account, yield* idOf(params.id))
    }, Effect.catchTags({ ...known, LogUnavailable: answers.LogUnavailable })),
    logs: Effect.fnUntraced(function*({ params, query: { attempt, offset, wait } }) {
      return yield* readLog(yield* account, yield* idOf(params.id), {
        ...(attempt === undefined ? {} : { attempt }),
        ...(offset === undefined ? {} : { offset }),
        ...(wait === undefined ? {} : { wait: Duration.seconds(wait) })
      })
    }, Effect.catchTags({ ...known, LogUnavailable: answers.LogUnavailable, NoFrameThere: answers.NoFrameThere }))
  })
}))
