import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import { Api } from "rgrid/api/Api"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"
import { ObjectStore } from "rgrid/ports/ObjectStore"
import { version } from "../version.ts"

const state = <E extends { readonly detail: string }, R>(ping: Effect.Effect<unknown, E, R>) =>
  ping.pipe(
    Effect.as("ok"),
    Effect.timeoutOrElse({ duration: "2 seconds", orElse: () => Effect.succeed("no answer") }),
    Effect.catch((error) => Effect.succeed(error.detail))
  )

export const system = HttpApiBuilder.group(Api, "system", Effect.fn(function*(handlers) {
  const store = yield* ExecutionStore
  const objects = yield* ObjectStore
  return handlers.handleAll({
    health: Effect.fnUntraced(function*() {
      const [database, storage] = yield* Effect.all([state(store.ping), state(objects.ping)], { concurrency: 2 })
      const status = database === "ok" && storage === "ok" ? "ok" as const : "degraded" as const
      return { status, database, storage, version }
    })
  })
}))
