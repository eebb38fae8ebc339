import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { GridClient } from "rgrid/client/GridClient"
import { forgetAll, remembered } from "rgrid/client/cache/addresses"
import { cacheDirectory } from "rgrid/client/cache/directory"
import { BadInput } from "../input.ts"
import { summary } from "../output/cache.ts"
import { count } from "../output/format.ts"
import * as stdio from "../output/stdio.ts"
import * as flags from "./flags.ts"
import { onGrid } from "./onGrid.ts"

const stats = Command.make("stats", { json: flags.json }, ({ json }) =>
  Effect.gen(function*() {
    const directory = cacheDirectory()
    const client = { directory, ...(yield* remembered(directory)) }
    const { api, ask } = yield* GridClient
    const { stored, workers } = yield* ask(api.caches.report())
    if (json) return yield* stdio.json({ client, stored, workers })
    yield* stdio.stdout(summary(client, { stored, workers }))
  }).pipe(onGrid)).pipe(
    Command.withDescription(
      "What need not be hashed, sent, fetched or built again: remembered here, stored on the grid, kept by its workers"
    ),
    Command.withShortDescription("Show what need not be hashed, sent or built again"),
    Command.withExamples([
      { command: "rgrid cache stats", description: "How much there is, and what sharing saves" },
      { command: "rgrid cache stats --json", description: "In bytes, for programs" }
    ])
  )

const clear = Command.make("clear", { json: flags.json }, ({ json }) =>
  Effect.gen(function*() {
    const directory = cacheDirectory()
    const before = yield* remembered(directory)
    yield* forgetAll(directory).pipe(
      Effect.mapError(({ message }) => new BadInput({ what: `${directory} can't be cleared.`, fix: `${message}.` }))
    )
    if (json) return yield* stdio.json({ directory, ...before })
    yield* stdio.say(`✓ Forgot the hashes of ${count(before.files, "file")}. They are hashed again when they next travel.`)
  })).pipe(
    Command.withDescription(
      "Forget what is remembered on this machine. The grid keeps what it has until its executions are deleted."
    ),
    Command.withShortDescription("Forget what is remembered on this machine"),
    Command.withExamples([{ command: "rgrid cache clear", description: "All files are hashed again" }])
  )

export const cache = Command.make("cache").pipe(
  Command.withDescription("What need not be done again. It works by itself: nothing has to be cleared to be right."),
  Command.withShortDescription("Show what need not be done again"),
  Command.withExamples([
    { command: "rgrid cache stats", description: "How much there is" },
    { command: "rgrid run --no-cache process.py", description: "Once without any of it" }
  ]),
  Command.withSubcommands([stats, clear])
)
