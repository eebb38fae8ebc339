/** The command tree. */
import * as Command from "effect/cli/Command"
import { cache } from "./commands/cache.ts"
import { cancel } from "./commands/cancel.ts"
import { cost } from "./commands/cost.ts"
import { completions } from "./commands/completions.ts"
import { down } from "./commands/down.ts"
import { download } from "./commands/download.ts"
import { keys } from "./commands/keys.ts"
import { list } from "./commands/list.ts"
import { logs } from "./commands/logs.ts"
import { outputs } from "./commands/outputs.ts"
import { retry } from "./commands/retry.ts"
import { run } from "./commands/run.ts"
import { runner } from "./commands/runner.ts"
import { runtimes } from "./commands/runtimes.ts"
import { server } from "./commands/server.ts"
import { remove } from "./commands/delete.ts"
import { status } from "./commands/status.ts"
import { init } from "./commands/init.ts"
import { why } from "./commands/why.ts"
import { up } from "./commands/up.ts"
import { workers } from "./commands/workers.ts"
import { Profile } from "./profile.ts"

export const cli = Command.make("rgrid").pipe(
  Command.withDescription("Run any script, unchanged, somewhere else: once or ten thousand times."),
  Command.withExamples([
    { command: "rgrid run process.py input.json", description: "Like `python process.py input.json`, on the grid" },
    { command: "rgrid logs ID --follow", description: "Its output, as it comes" }
  ]),
  Command.withSubcommands([
    run,
    status,
    why,
    logs,
    outputs,
    download,
    list,
    retry,
    cancel,
    remove,
    cost,
    init,
    runtimes,
    keys,
    workers,
    cache,
    up,
    down,
    server,
    runner,
    completions((): Command.Command.Any => cli)
  ]),
  // Behind them, so that all of them know it.
  Command.withGlobalFlags([Profile])
)
