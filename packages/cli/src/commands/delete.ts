import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import * as batches from "rgrid/client/batch/batches"
import * as executions from "rgrid/client/executions"
import { count } from "../output/format.ts"
import * as stdio from "../output/stdio.ts"
import * as flags from "./flags.ts"
import { onGrid } from "./onGrid.ts"

const yes = Flag.Boolean("yes").pipe(
  Flag.withAlias("y"),
  Flag.withDescription("Do not ask"),
  Flag.withDefault(false)
)

const what = (ids: ReadonlyArray<string>): string => {
  const whole = ids.filter(batches.isBatch).length
  const many = [
    ...(ids.length > whole ? [count(ids.length - whole, "execution")] : []),
    ...(whole > 0 ? [whole === 1 ? "1 batch" : `${whole} batches`] : [])
  ]
  return many.join(" and ")
}

/** Only a person at a terminal is asked: a program has thought of it before. */
const agreed = (ids: ReadonlyArray<string>, yes: boolean) =>
  yes || process.stdin.isTTY !== true || process.stderr.isTTY !== true
    ? Effect.succeed(true)
    : Prompt.run(Prompt.Confirm({ message: `Delete ${what(ids)} with outputs and logs, for good?` }))

const one = Effect.fnUntraced(function*(id: string, json: boolean) {
  const whole = yield* (batches.isBatch(id) ? batches.remove(id) : executions.remove(id))
  if (!json) yield* stdio.mention(`Deleted: ${whole}`)
  return whole
})

export const remove = Command.make("delete", { ids: flags.ids, yes, json: flags.json }, ({ ids, json, yes }) =>
  Effect.gen(function*() {
    if (!(yield* agreed(ids, yes))) return yield* stdio.say("Nothing was deleted.")
    const deleted = yield* Effect.forEach(ids, (id) => one(id, json))
    if (json) yield* stdio.json({ deleted })
  }).pipe(onGrid)).pipe(
    Command.withDescription("Delete ended executions and batches with their outputs and logs, for good"),
    Command.withExamples([
      { command: "rgrid delete ID", description: "Asks first on a terminal" },
      { command: "rgrid delete --yes ID ID", description: "Several, without asking" },
      { command: "rgrid delete BATCH", description: "A batch with all of its executions" }
    ])
  )
