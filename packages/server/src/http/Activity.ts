/** Whether anybody needs this server: requests under way and when the last one was. What runs is the store's to tell. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { Unavailable } from "rgrid/api/Errors"
import { runnerPath } from "rgrid/api/RunnerProtocol"
import { answer } from "./problems.ts"

export class Activity extends Context.Service<Activity, {
  /** Counts as a request for as long as it lasts, its answer's last byte included. */
  readonly counted: <A, E, R>(
    request: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E, R | HttpServerRequest.HttpServerRequest>
  /** Something is being done though nobody asks: work is queued or runs. */
  readonly touch: Effect.Effect<void>
  /**
   * True when nothing was asked for `millis`: from that moment on every request is refused. Decided and done in one go:
   * a request either comes before and keeps the server, or is refused and finds another.
   */
  readonly close: (millis: number) => Effect.Effect<boolean>
  readonly reopen: Effect.Effect<void>
  readonly isClosed: () => boolean
}>()("@rgrid/server/http/Activity") {
  static readonly layer: Layer.Layer<Activity> = Layer.effect(
    Activity,
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      const now = () => clock.currentTimeMillisUnsafe()
      let [underWay, last, closed] = [0, now(), false]
      const began = Effect.sync(() => {
        underWay++
        last = now()
      })
      const ended = Effect.sync(() => {
        underWay--
        last = now()
      })
      return Activity.of({
        // A runner is connected for as long as the grid lives; what it runs is seen in the store.
        counted: (request) =>
          Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ url }) =>
            url.startsWith(runnerPath) ? request : Effect.acquireUseRelease(began, () => request, () => ended)),
        touch: Effect.sync(() => {
          last = now()
        }),
        close: (millis) =>
          Effect.sync(() => {
            closed = closed || (underWay === 0 && now() - last >= millis)
            return closed
          }),
        reopen: Effect.sync(() => {
          closed = false
          last = now()
        }),
        isClosed: () => closed
      })
    })
  )
}

const gone = Effect.map(
  answer(new Unavailable({ part: "grid", detail: "it is stopping" })),
  HttpServerResponse.setHeader("connection", "close")
)

/** No request is begun on a server that is about to end. */
export const refusing = HttpRouter.middleware(
  Effect.map(
    Activity,
    (activity) => <E, R>(handler: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
      Effect.suspend((): Effect.Effect<
        HttpServerResponse.HttpServerResponse,
        E,
        R | HttpServerRequest.HttpServerRequest
      > => activity.isClosed() ? gone : handler)
  ),
  { global: true }
)
