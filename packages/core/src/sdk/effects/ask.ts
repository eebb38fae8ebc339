/** Single questions about an execution, in plain values. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { resolve } from "node:path"
import { bringBack } from "../../client/bringBack.ts"
import { costs } from "../../client/costs.ts"
import * as executions from "../../client/executions.ts"
import { follow } from "../../client/follow.ts"
import { logStart, parsePosition, positionText } from "../../client/LogPosition.ts"
import { picked } from "../../client/picked.ts"
import type { State } from "../../domain/ExecutionState.ts"
import type { CostSettings, ListFilter, RetryChanges } from "../ask.ts"
import { checkCost, checkJob, checkList, checkTimeout, refused } from "../check.ts"
import { info, type Status } from "../info.ts"
import type { LogChunk, OutputInfo } from "../results.ts"
import { landingIn } from "./run.ts"

export const status = (id: string) => Effect.map(executions.get(id), info)

export const cancel = (id: string) => Effect.map(executions.cancel(id), info)

export const remove = (id: string) => Effect.asVoid(executions.remove(id))

/** What becomes another of a job. */
export const changed = Effect.fnUntraced(function*(changes: RetryChanges) {
  yield* checkJob(picked(changes, "cpu", "env", "idempotencyKey", "memory"))
  return {
    ...picked(changes, "env"),
    ...(yield* checkTimeout(changes.timeout)),
    resources: { ...picked(changes, "cpu"), ...(changes.memory === undefined ? {} : { memoryBytes: changes.memory }) }
  }
})

export const retry = (id: string, changes: RetryChanges) =>
  Effect.map(changed(changes), (over) =>
    Effect.map(executions.retry(id, over, changes.idempotencyKey), info).pipe(Effect.withSpan("sdk.retry")))

/** As the grid tells them apart. */
export const stateOf = (status: State | Status): State => status === "timed out" ? "timed_out" : status

const listed = Effect.fn("sdk.list")(function*(filter: ListFilter) {
  const status = filter.status === undefined ? {} : { status: stateOf(filter.status) }
  return (yield* executions.list({ ...picked(filter, "limit", "script", "metadata"), ...status })).map(info)
})

export const list = (filter: ListFilter) => Effect.as(checkList(filter), listed(filter))

export const cost = (options: CostSettings) =>
  Effect.as(checkCost(options), costs(picked(options, "days", "from", "timeZone", "to"), options.by))

export const outputs = (id: string) =>
  Effect.map(executions.outputs(id), ({ manifest }) =>
    manifest.outputs.map(({ content, path, type }): OutputInfo => ({ path, type, bytes: content?.size ?? 0 })))

export const download = Effect.fn("sdk.download")(function*(id: string, directory: string = process.cwd()) {
  const execution = yield* executions.get(id)
  const { refused, written: outputs } = yield* bringBack(execution, landingIn(resolve(directory), execution)!)
  return { outputs, refused }
})

const positionOf = (from: string | undefined) => {
  const position = from === undefined ? logStart : parsePosition(from)
  return position === null ? Effect.fail(refused("from", from, "the cursor of a chunk that was read before")) : Effect.succeed(position)
}

/** From its first byte or behind `from`, live until it ends, across lost connections. */
export const logs = (id: string, from?: string) =>
  Stream.unwrap(Effect.gen(function*() {
    const position = yield* positionOf(from)
    return follow(yield* executions.resolve(id), position)
  })).pipe(
    Stream.filterMap((event) =>
      event._tag === "Output"
        ? Result.succeed<LogChunk>({
          stream: event.stream,
          bytes: event.bytes,
          time: new Date(event.time / 1000),
          cursor: positionText(event.at)
        })
        : Result.failVoid
    )
  )
