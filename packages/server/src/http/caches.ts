import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import { Api } from "rgrid/api/Api"
import { CurrentPrincipal } from "rgrid/api/Authorization"
import { sendAgain } from "rgrid/grid/submit"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"
import { RunnerSessions } from "../runners/RunnerSessions.ts"
import { answers } from "./translate.ts"

export const caches = HttpApiBuilder.group(Api, "caches", Effect.fn(function*(handlers) {
  const store = yield* ExecutionStore
  const sessions = yield* RunnerSessions
  return handlers.handleAll({
    report: Effect.fnUntraced(function*() {
      const { account } = yield* CurrentPrincipal
      const all = yield* sessions.all
      return {
        stored: yield* store.stored(account),
        workers: all.map(({ hello: { name, runner }, kept }) => ({ id: runner, name, kept }))
      }
    }, Effect.catchTags({ StoreUnavailable: answers.StoreUnavailable })),
    anew: Effect.fnUntraced(function*({ payload: { parts } }) {
      const { account } = yield* CurrentPrincipal
      return { stored: yield* sendAgain(account, parts) }
    }, Effect.catchTags({ StoreUnavailable: answers.StoreUnavailable }))
  })
}))
