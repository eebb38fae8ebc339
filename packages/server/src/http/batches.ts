import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import { Api } from "rgrid/api/Api"
import { CurrentPrincipal } from "rgrid/api/Authorization"
import { Unprocessable } from "rgrid/api/Errors"
import { type AccountId, BatchId, batchId } from "rgrid/domain/Id"
import { causes, retryBatch } from "rgrid/grid/batches/causes"
import { finishedPage } from "rgrid/grid/batches/finished"
import { removeBatch } from "rgrid/grid/batches/remove"
import { submitBatch, uploadedBatch } from "rgrid/grid/batches/submit"
import { resolveBatch } from "rgrid/grid/resolve"
import { BatchStore } from "rgrid/ports/BatchStore"
import { Hints } from "../runners/Hints.ts"
import { RunnerSessions } from "../runners/RunnerSessions.ts"
import { answers } from "./translate.ts"

const account = Effect.map(CurrentPrincipal, (principal) => principal.account)

const about = <A, E, R>(typed: string, use: (owner: AccountId, id: BatchId) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(account, (owner) => Effect.flatMap(resolveBatch(owner, typed), (id) => use(owner, id)))

const isId = Schema.is(BatchId)

const known = {
  StoreUnavailable: answers.StoreUnavailable,
  UnknownBatch: answers.UnknownBatch,
  AmbiguousId: answers.AmbiguousId
} as const

const keyed = (key: string | undefined) => key === undefined ? {} : { idempotencyKey: key }

/** Where no runner is connected yet. */
const defaultParallel = 10

const longestPage = 200

export const batches = HttpApiBuilder.group(Api, "batches", Effect.fn(function*(handlers) {
  const store = yield* BatchStore
  const sessions = yield* RunnerSessions
  const hints = yield* Hints
  const slots = Effect.map(sessions.workers, (all) => all.reduce((sum, worker) => sum + worker.slots, 0))
  return handlers.handleAll({
    submit: Effect.fnUntraced(function*({ headers, payload }) {
      const chunks = yield* Stream.runCollect(payload).pipe(Effect.orDie)
      const now = yield* Clock.currentTimeMillis
      return yield* submitBatch({
        id: batchId(now),
        account: yield* account,
        body: Buffer.concat([...chunks]),
        parallel: (yield* slots) || defaultParallel,
        now,
        ...keyed(headers["idempotency-key"])
      })
    }, Effect.catchTags({
      StoreUnavailable: answers.StoreUnavailable,
      IdempotencyConflict: answers.IdempotencyConflict,
      InvalidJob: answers.InvalidJob
    })),
    list: Effect.fnUntraced(function*({ query: { before, limit = 20 } }) {
      if (before !== undefined && !isId(before)) return yield* new Unprocessable({ detail: "before is no batch's id" })
      const found = yield* store.list(yield* account, { limit, ...(before === undefined ? {} : { before }) })
      const last = found.at(-1)
      return { batches: found, ...(found.length < limit || last === undefined ? {} : { next: last.id }) }
    }, Effect.catchTags({ StoreUnavailable: answers.StoreUnavailable })),
    get: ({ params }) => about(params.id, store.find).pipe(Effect.catchTags(known)),
    uploaded: ({ params }) =>
      about(params.id, uploadedBatch).pipe(Effect.catchTags({ ...known, ObjectsUnavailable: answers.ObjectsUnavailable })),
    members: Effect.fnUntraced(function*({ params, query: { after = 0, limit = 20, status } }) {
      const states = status === undefined ? {} : { states: status }
      const executions = yield* about(params.id, (owner, id) => store.members(owner, id, { limit, after, ...states }))
      const last = executions.at(-1)?.batch?.position
      return { executions, ...(executions.length < limit || last === undefined ? {} : { next: last }) }
    }, Effect.catchTags(known)),
    finished: Effect.fnUntraced(function*({ params, query: { after = 0, limit = longestPage, wait } }) {
      const request = { after, limit, ...(wait === undefined ? {} : { wait: Duration.seconds(wait) }) }
      return yield* about(params.id, (owner, id) => finishedPage(owner, id, request, hints.batchChanged(id)))
    }, Effect.catchTags(known)),
    causes: ({ params }) =>
      about(params.id, causes).pipe(Effect.map((found) => ({ causes: found })), Effect.catchTags(known)),
    cancel: ({ params }) => about(params.id, store.cancel).pipe(Effect.catchTags(known)),
    retry: Effect.fnUntraced(function*({ headers, params, payload: { fingerprint, only = "failed", over = {} } }) {
      const now = yield* Clock.currentTimeMillis
      const wanted = { id: batchId(now), now, only, over, ...keyed(headers["idempotency-key"]) }
      return yield* about(params.id, (owner, id) =>
        retryBatch(owner, id, fingerprint === undefined ? wanted : { ...wanted, fingerprint }))
    }, Effect.catchTags({
      ...known,
      NotEnded: () => Effect.fail(new Unprocessable({ detail: "some of these items have not ended" })),
      BatchNotRepeatable: answers.BatchNotRepeatable,
      IdempotencyConflict: answers.IdempotencyConflict
    })),
    remove: ({ params }) =>
      about(params.id, (owner, id) => Effect.as(removeBatch(owner, id), { id })).pipe(
        Effect.catchTags({
          ...known,
          NotEnded: answers.NotEnded,
          LogUnavailable: answers.LogUnavailable,
          ObjectsUnavailable: answers.ObjectsUnavailable
        })
      )
  })
}))
