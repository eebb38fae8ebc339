import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as executions from "rgrid/client/executions"
import { State } from "rgrid/domain/ExecutionState"
import { BadInput, metadata as pairs } from "../input.ts"
import { listing, toJson } from "../output/execution.ts"
import * as stdio from "../output/stdio.ts"
import * as flags from "./flags.ts"
import { onGrid } from "./onGrid.ts"

/** Prints the executions that `options` choose. */
export const show = Effect.fnUntraced(function*(options: executions.ListOptions, json: boolean) {
  const found = yield* executions.list(options)
  if (json) return yield* stdio.json(found.map((execution) => toJson(execution)))
  if (found.length === 0) return yield* stdio.mention("No executions. Start one: rgrid run SCRIPT")
  yield* stdio.stdout(listing(found, yield* Clock.currentTimeMillis))
})

const limit = Flag.Int("limit").pipe(Flag.withDescription("At most so many, 1 to 1000"), Flag.withDefault(20))
const status = Flag.Literals("status", State.literals).pipe(Flag.withDescription("Only in this state"), Flag.optional)
const script = Flag.String("script").pipe(Flag.withDescription("Only of this script"), Flag.optional)

const metadata = Flag.String("metadata").pipe(
  Flag.withDescription("Only with this KEY=VALUE; several must all be there"),
  Flag.atLeast(0)
)

const inRange = (limit: number) =>
  limit >= 1 && limit <= 1000
    ? Effect.void
    : Effect.fail(new BadInput({ what: `--limit ${limit} is out of range.`, fix: "Give a number from 1 to 1000." }))

const input = { limit, status, script, metadata, json: flags.json }

export const list = Command.make("list", input, Effect.fnUntraced(function*({ json, limit, metadata, script, status }) {
  yield* inRange(limit)
  const options = {
    limit,
    metadata: yield* pairs(metadata),
    ...(Option.isSome(status) ? { status: status.value } : {}),
    ...(Option.isSome(script) ? { script: script.value } : {})
  }
  yield* show(options, json).pipe(onGrid)
})).pipe(
  Command.withDescription("List executions, newest first"),
  Command.withExamples([
    { command: "rgrid list --status failed", description: "Those that failed" },
    { command: "rgrid list --metadata team=blue", description: "Those that were given it" },
    { command: "rgrid list --script process.py --limit 5", description: "The last five of a script" }
  ])
)
