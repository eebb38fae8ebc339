import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { resolve } from "node:path"
import { isBatch } from "rgrid/client/batch/batches"
import { remarks } from "rgrid/client/broughtBackSentences"
import * as executions from "rgrid/client/executions"
import { downloaded } from "../downloaded.ts"
import * as input from "../input.ts"
import { broughtBack } from "../output/broughtBack.ts"
import * as stdio from "../output/stdio.ts"
import { batchInput } from "./batchFlags.ts"
import { downloadBatch } from "./downloadBatch.ts"
import * as flags from "./flags.ts"
import { onGrid } from "./onGrid.ts"

const destination = Argument.String("dest").pipe(
  Argument.withDescription("Directory to write to; default: the current one, of a batch outputs/"),
  Argument.optional
)

export const download = Command.make(
  "download",
  { id: flags.anyId, dest: destination, flat: batchInput.flat, json: flags.json },
  ({ dest, flat, id, json }) =>
    Effect.gen(function*() {
      yield* Option.match(dest, { onNone: () => Effect.void, onSome: (path) => input.directory(path) })
      if (isBatch(id)) return yield* downloadBatch(id, { directory: Option.getOrNull(dest), flat, json })
      if (flat) return yield* new input.BadInput({ what: "--flat is for batches.", fix: "Leave it out." })
      const execution = yield* executions.get(id)
      const directory = resolve(Option.getOrElse(dest, () => "."))
      const brought = yield* downloaded(execution, directory)
      yield* Effect.forEach(remarks(brought), stdio.say, { discard: true })
      if (json) return yield* stdio.json({ id: execution.id, directory, ...brought })
      yield* stdio.mention(broughtBack(brought) ?? "Nothing to download.")
    }).pipe(onGrid)
).pipe(
  Command.withDescription(
    "Fetch what a script made. One that was cut off goes on where it stopped. What stood outside the working directory " +
      "is in rgrid-outside/; a file that changed here since the run is kept, and the script's is beside it. Of a batch, " +
      "all that has ended is fetched; what is here already is not fetched again."
  ),
  Command.withShortDescription("Fetch what a script made"),
  Command.withExamples([
    { command: "rgrid download ID", description: "Into the current directory" },
    { command: "rgrid download ID results/", description: "Into another one, made when it is missing" }
  ])
)
