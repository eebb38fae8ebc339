/** Tools about executions there are. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { costs } from "rgrid/client/costs"
import * as executions from "rgrid/client/executions"
import { GridClient } from "rgrid/client/GridClient"
import { isFinal, State } from "rgrid/domain/ExecutionState"
import * as cost from "../output/cost.ts"
import { listing, toJson } from "../output/execution.ts"
import { lines, told } from "./executionWords.ts"
import { waitSeconds } from "./request.ts"
import { tool } from "./tool.ts"

export const id = Schema.NonEmptyString.annotate({ description: "The execution, exec_…, or the beginning of its id." })

/** The grid answers at the latest after so many seconds. */
const longestAsk = 30

const ended = Effect.fnUntraced(function*(id: string, seconds: number) {
  const grid = yield* GridClient
  for (let left = seconds;; left -= longestAsk) {
    const wait = Math.max(0, Math.min(longestAsk, left))
    const execution = yield* grid.ask(grid.api.executions.get({ params: { id }, query: wait === 0 ? {} : { wait } }))
    if (isFinal(execution.state) || left <= longestAsk) return execution
  }
})

export const status = tool({
  name: "status",
  title: "Where an execution stands",
  description:
    "State, exit code, cause of a failure, duration and cost of one execution. With waitSeconds it waits for the end.",
  input: Schema.Struct({ id, waitSeconds: waitSeconds(0) }),
  readOnly: true,
  handle: ({ id, waitSeconds = 0 }) => Effect.flatMap(ended(id, waitSeconds), told)
})

export const cancel = tool({
  name: "cancel",
  title: "Cancel an execution",
  description: "Ask for the end of an execution. Does nothing to one that has ended.",
  input: Schema.Struct({ id }),
  destructive: true,
  handle: ({ id }) =>
    Effect.map(executions.cancel(id), (execution) => ({
      text: isFinal(execution.state) ? `${execution.id} had ended already.` : `${execution.id} is being canceled.`,
      data: { execution: toJson(execution) }
    }))
})

export const list = tool({
  name: "list",
  title: "Recent executions",
  description: "Executions of the account, newest first: id, script, status, start, duration, cost.",
  input: Schema.Struct({
    limit: Schema.optionalKey(
      Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 50 })).annotate({ description: "1 to 50; default 10." })
    ),
    status: Schema.optionalKey(Schema.Literals(State.literals).annotate({ description: "Only those in this state." })),
    script: Schema.optionalKey(Schema.String.annotate({ description: "Only those of this script, as it was named." })),
    metadata: Schema.optionalKey(
      Schema.Record(Schema.String, Schema.String).annotate({ description: "Only those with all of these." })
    )
  }),
  readOnly: true,
  handle: Effect.fnUntraced(function*({ limit = 10, ...filter }) {
    const found = yield* executions.list({ limit, ...filter })
    const text = found.length === 0 ? "There are none." : listing(found, yield* Clock.currentTimeMillis)
    return { text, data: { executions: found.map((one) => toJson(one)) } }
  })
})

const day = (description: string) => Schema.optionalKey(Schema.String.annotate({ description }))

export const costOf = tool({
  name: "cost",
  title: "What executions cost",
  description:
    "What ended executions cost, by the day or month they ended in. Amounts in data are micros: 1,000,000 are 1 EUR.",
  input: Schema.Struct({
    days: Schema.optionalKey(
      Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 366 })).annotate({
        description: "The last so many days; default 7."
      })
    ),
    from: day("First day, like 2026-11-01; instead of days."),
    to: day("Last day; default today."),
    by: Schema.optionalKey(Schema.Literals(["day", "month"]).annotate({ description: "What a line is; default day." }))
  }),
  readOnly: true,
  handle: Effect.fnUntraced(function*({ by = "day", ...range }) {
    const report = yield* costs(range, by)
    const recent = range.from === undefined ? range.days ?? 7 : null
    return { text: lines(cost.report(report, recent)), data: { ...report } }
  })
})
