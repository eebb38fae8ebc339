/** All commands. */
import type * as Command from "effect/cli/Command"
import { cache } from "./commands/cache.ts"
import { cancel } from "./commands/cancel.ts"
import { cost } from "./commands/cost.ts"
import { completions } from "./commands/completions.ts"
import { down } from "./commands/down.ts"
import { download } from "./commands/download.ts"
import { keys } from "./commands/keys.ts"
import { list } from "./commands/list.ts"
import { logs } from "./commands/logs.ts"
import { mcp } from "./commands/mcp.ts"
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
import { over } from "./root.ts"

export const cli = over([
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
  mcp,
  server,
  runner,
  completions((): Command.Command.Any => cli)
])
