import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { resolve } from "node:path"
import { type BringBackOptions, stagedBy } from "rgrid/client/bringBack"
import { prepare, type Prepared } from "rgrid/client/prepare"
import { submit } from "rgrid/client/submit"
import { BadInput, directory } from "../input.ts"
import { piped } from "../stdin.ts"
import { asking } from "./askRuntime.ts"
import { attach } from "./attach.ts"
import { isBatch, refuseBatchFlags } from "./batchFlags.ts"
import { detached, left } from "./detached.ts"
import { look } from "../grid/connect.ts"
import { onGridFound } from "./onGrid.ts"
import { requestOf, type RunAsked, runInput } from "./runFlags.ts"

/** Files appear where a local run would have put them, or in the directory asked for. */
const landing = ({ began: since, spec }: Prepared, { outputDir }: RunAsked): BringBackOptions =>
  Option.match(outputDir, {
    onNone: () => ({ directory: spec.cwd, staged: stagedBy(spec), since }),
    onSome: (directory) => ({ directory: resolve(spec.cwd, directory), since })
  })

/** Null when it was only to be shown. */
const jobOf = Effect.fnUntraced(function*(asked: RunAsked) {
  if (Option.isSome(asked.spec)) {
    if (Option.isNone(asked.script) && !asked.dryRun) {
      const { specIn } = yield* Effect.promise(() => import("./spec.ts"))
      return yield* specIn(asked.spec.value)
    }
    const what = asked.dryRun ? "--spec and --dry-run are one too many." : "--spec and a script are one too many."
    return yield* new BadInput({ what, fix: "A spec names its script itself, and is sent as it is." })
  }
  if (Option.isNone(asked.script) || asked.script.value === "") {
    return yield* new BadInput({ what: "There is no script to run.", fix: "Name it: rgrid run SCRIPT" })
  }
  const request = { ...yield* requestOf(asked, asked.script.value), stdin: yield* piped(asked.detach) }
  if (asked.dryRun) {
    const { dryRun } = yield* Effect.promise(() => import("./dryRun.ts"))
    return yield* Effect.as(dryRun(request, asked.json), null)
  }
  return yield* asking(request, asked.json, prepare)
})

export const run = Command.make("run", runInput, (asked) =>
  Effect.gen(function*() {
    if (asked.watch && asked.detach) {
      return yield* new BadInput({ what: "--watch and --detach are one too many.", fix: "Leave one out." })
    }
    yield* Option.match(asked.outputDir, {
      onNone: () => Effect.void,
      onSome: (path) => directory(path, `--output-dir ${path}`)
    })
    if (isBatch(asked)) {
      const { batch } = yield* Effect.promise(() => import("./batch.ts"))
      return yield* batch(asked)
    }
    yield* refuseBatchFlags(asked)
    // The grid is found while the job is made ready; what is wrong with the job is told first all the same.
    const looking = yield* Effect.forkScoped(asked.dryRun ? Effect.succeedNone : look)
    const prepared = yield* jobOf(asked)
    if (prepared === null) return
    yield* Effect.gen(function*() {
      const execution = yield* submit(prepared)
      if (asked.detach) return yield* detached(execution, asked.json, "Execution started")
      const { liveStdin } = prepared
      yield* attach(execution, { ...asked, liveStdin, landing: landing(prepared, asked) }, left(execution.id))
    }).pipe(onGridFound(Fiber.join(looking)))
  }).pipe(Effect.scoped)).pipe(
    Command.withDescription(
      "Run a script on the grid as if it ran here: same arguments, same output, same files, same exit code. " +
        "Flags may also stand after the script, unless the script's own text names them; all behind -- is the script's."
    ),
    Command.withShortDescription("Run a script on the grid as if it ran here"),
    Command.withExamples([
      { command: "rgrid run process.py input.json", description: "Like `python process.py input.json`" },
      { command: "rgrid run process.py input.json --env MODE=fast", description: "With a variable" },
      { command: "rgrid run --timeout 5m --memory 4g train.py --epochs 3", description: "With limits" },
      { command: "rgrid run --watch train.py", description: "With the time, percentage and cost so far" },
      { command: "rgrid run --include 'models/**' train.py", description: "With files that nothing in it names" },
      { command: "rgrid run --requirements deps.txt train.py", description: "With another list of packages than that beside it" },
      { command: "rgrid run --dry-run process.py input.json", description: "Show what would be sent, and why" },
      { command: "rgrid run --detach nightly.sh", description: "Without waiting for it" },
      { command: "rgrid run process.py --batch 'data/*.csv' --parallel 50", description: "Once for each file" },
      { command: "rgrid run convert.py {} '{/.}.jpg' --batch 'in/*.png'", description: "With its name among the arguments" },
      { command: "rgrid run sim.py --seed={} --batch '{1..100}'", description: "Once for each number" },
      { command: "rgrid run --batch-from jobs.csv fit.py '{id}' '--rate={rate}'", description: "Once for each row" },
      { command: "rgrid run --spec job.yaml", description: "A job that is described in a file" },
      { command: "rgrid run process.py -- --env staging", description: "All behind -- is the script's" }
    ])
  )
