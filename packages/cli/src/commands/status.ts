import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Flag from "effect/cli/Flag"
import * as Stream from "effect/Stream"
import { isBatch } from "rgrid/client/batch/batches"
import * as executions from "rgrid/client/executions"
import { follow } from "rgrid/client/follow"
import type { Execution } from "rgrid/domain/Execution"
import { GridClient } from "rgrid/client/GridClient"
import { gridDirectory } from "rgrid/client/gridFile"
import * as settings from "../grid/settings.ts"
import { BadInput, idleWords } from "../input.ts"
import { details, toJson } from "../output/execution.ts"
import * as stdio from "../output/stdio.ts"
import * as flags from "./flags.ts"
import { show } from "./list.ts"
import { showBatch } from "./statusOfBatch.ts"
import { completion } from "./completion.ts"
import { onGrid } from "./onGrid.ts"
import { watching } from "./watching.ts"

/** Of the grid of this machine, for who looks: how long it stays. */
const tellIdle = Effect.gen(function*() {
  const { connection } = yield* GridClient
  const known = connection.local ? yield* settings.read(gridDirectory()) : Option.none()
  if (Option.isNone(known) || known.value.idleSeconds === null) return
  yield* stdio.mention(`The grid of this machine stops itself after ${idleWords(known.value.idleSeconds)} without work.`)
})

const id = Argument.optional(flags.anyId)

const watch = Flag.Boolean("watch").pipe(
  Flag.withDescription("Show how far it is until it ends"),
  Flag.withDefault(false)
)

/** Reads its output for the progress, shows none of it, and returns with its end. */
const watched = Effect.fnUntraced(function*(execution: Execution, json: boolean) {
  const view = yield* watching(execution, { shown: false, json })
  const last = yield* follow(execution.id).pipe(
    Stream.tap((event) => event._tag === "Output" ? view.output(event) : Effect.void),
    Stream.filter((event) => event._tag === "Ended"),
    Stream.runLast,
    Effect.ensuring(view.end)
  )
  return Option.match(last, { onNone: () => execution, onSome: ({ execution: ended }) => ended })
}, Effect.scoped)

interface Asked {
  readonly json: boolean
  readonly watch: boolean
}

const showOne = Effect.fnUntraced(function*(id: string, { json, watch }: Asked) {
  const found = yield* executions.get(id)
  const execution = watch && found.endedAt === null ? yield* watched(found, json) : found
  const now = yield* Clock.currentTimeMillis
  const completes = yield* completion(execution, now)
  if (!json) return yield* stdio.stdout(details(execution, now, completes))
  const document = { ...toJson(execution), ...(completes === null ? {} : { estimatedCompletion: completes }) }
  // Behind lines of progress the end is a line too.
  yield* watch ? stdio.jsonLine({ type: "ended", execution: document }) : stdio.json(document)
})

export const status = Command.make("status", { id, watch, json: flags.json }, ({ id, json, watch }) =>
  Effect.gen(function*() {
    if (Option.isSome(id)) {
      const asked = { json, watch }
      return yield* (isBatch(id.value) ? showBatch(id.value, asked) : showOne(id.value, asked)).pipe(onGrid)
    }
    if (watch) return yield* new BadInput({ what: "--watch needs an execution or a batch.", fix: "rgrid status ID --watch" })
    yield* Effect.andThen(tellIdle, show({ limit: 10 }, json)).pipe(onGrid)
  })).pipe(
    Command.withDescription("Show one execution or batch, or the recent executions"),
    Command.withExamples([
      { command: "rgrid status", description: "The recent executions" },
      { command: "rgrid status ID --watch", description: "How far it is, until it ends" },
      { command: "rgrid status BATCH --watch", description: "A batch, from anywhere; nothing is fetched" },
      { command: "rgrid status ID --json", description: "One execution, for programs" }
    ])
  )
