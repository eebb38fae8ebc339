import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import { Api } from "rgrid/api/Api"
import type { SettleRequest } from "rgrid/api/Attempts"
import { CurrentAttempt } from "rgrid/api/Authorization"
import { inputs, outputPlaces, settle } from "rgrid/grid/attempts"
import { readStdin } from "rgrid/grid/stdin"
import { ExecutionStore, type Settlement } from "rgrid/ports/ExecutionStore"
import { LogStore } from "rgrid/ports/LogStore"
import { answers } from "./translate.ts"

const settlement = ({ exitCode, failure, log, manifest, phases, runtimeDigest, state, usage }: SettleRequest): Settlement => ({
  ending: { state, failure },
  exitCode,
  usage,
  manifest,
  log,
  ...(phases === undefined ? {} : { phases }),
  ...(runtimeDigest === undefined ? {} : { runtimeDigest })
})

const fenced = { StoreUnavailable: answers.StoreUnavailable, StaleAttempt: answers.StaleAttempt } as const
const stored = {
  ...fenced,
  ObjectsUnavailable: answers.ObjectsUnavailable,
  Contradiction: answers.Contradiction
} as const
const logged = {
  OffsetMismatch: answers.OffsetMismatch,
  MalformedLog: answers.MalformedLog,
  LogUnavailable: answers.LogUnavailable
} as const

export const attempts = HttpApiBuilder.group(Api, "attempts", Effect.fn(function*(handlers) {
  const store = yield* ExecutionStore
  const logs = yield* LogStore
  return handlers.handleAll({
    started: () => Effect.flatMap(CurrentAttempt, store.started).pipe(Effect.catchTags(fenced)),
    inputs: ({ payload }) =>
      Effect.flatMap(CurrentAttempt, (attempt) => inputs(attempt, payload.parts)).pipe(
        Effect.map((parts) => ({ parts })),
        Effect.catchTags({ ...fenced, Contradiction: answers.Contradiction })
      ),
    stdin: ({ query: { offset, wait } }) =>
      Effect.flatMap(CurrentAttempt, (attempt) => readStdin(attempt, offset, Duration.seconds(Math.min(30, wait)))).pipe(
        Effect.catchTags({ ...fenced, LogUnavailable: answers.LogUnavailable })
      ),
    append: Effect.fnUntraced(function*({ payload, query }) {
      const attempt = yield* CurrentAttempt
      const frames = yield* Stream.runCollect(payload).pipe(Effect.map((chunks) => Buffer.concat([...chunks])), Effect.orDie)
      return { length: yield* logs.append(attempt, query.offset, frames) }
    }, Effect.catchTags(logged)),
    outputs: ({ payload }) =>
      Effect.flatMap(CurrentAttempt, (attempt) => outputPlaces(attempt, payload.parts)).pipe(
        Effect.map((missing) => ({ missing })),
        Effect.catchTags({ ...fenced, ObjectsUnavailable: answers.ObjectsUnavailable })
      ),
    settle: ({ payload }) =>
      Effect.flatMap(CurrentAttempt, (attempt) => settle(attempt, settlement(payload), payload.log.tail)).pipe(
        Effect.map(({ duplicate, execution }) => ({ state: execution.state, duplicate })),
        Effect.catchTags({ ...stored, ...logged })
      ),
    lose: ({ payload }) =>
      Effect.flatMap(CurrentAttempt, (attempt) => store.lose(attempt, payload.detail)).pipe(
        Effect.map((state) => ({ state })),
        Effect.catchTags(fenced)
      )
  })
}))
