/** What a runner keeps on disk, and the lock that makes it one runner a directory. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { accessSync, chmodSync, constants, mkdirSync, rmSync } from "node:fs"
import { isAbsolute, join } from "node:path"
import { RunnerAlreadyRunning, StateDirectoryUnusable } from "./failures.ts"
import * as lock from "./lock.ts"

const describe = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)

const usable = (directory: string): void => {
  if (!isAbsolute(directory)) throw new Error("it is not an absolute path")
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  // Inputs, outputs and logs of people's scripts lie below it.
  chmodSync(directory, 0o700)
  accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK)
}

export class StateDirectory extends Context.Service<StateDirectory, {
  readonly path: string
  /** Content-addressed parts of inputs. Outlives the runner. */
  readonly cache: string
  /** What is installed for scripts, a directory an account; and how it was. Outlives the runner. */
  readonly layers: string
  /** Large inputs laid out for overlays. Emptied at start. */
  readonly lowers: string
  /** The programs that install. Outlive the runner. */
  readonly tools: string
  /** Logs of attempts until the server has them for good. Emptied at start: a dead runner's attempts are lost. */
  readonly spool: string
}>()("@rgrid/runner/StateDirectory") {
  /** Takes the lock and makes the directories; the lock goes with the scope, or with the process however it dies. */
  static readonly layer = (
    path: string
  ): Layer.Layer<StateDirectory, StateDirectoryUnusable | RunnerAlreadyRunning> =>
    Layer.effect(
      StateDirectory,
      Effect.gen(function*() {
        const attempt = <A>(act: () => A) =>
          Effect.try({
            try: act,
            catch: (cause) => new StateDirectoryUnusable({ directory: path, detail: describe(cause) })
          })
        yield* attempt(() => usable(path))
        yield* Effect.acquireRelease(
          attempt(() => lock.take(join(path, "lock"))),
          (held) => Effect.sync(() => held?.release())
        ).pipe(Effect.filterOrFail((held) => held !== null, () => new RunnerAlreadyRunning({ directory: path })))
        const cache = join(path, "cache")
        const spool = join(path, "spool")
        const layers = join(path, "layers")
        const tools = join(path, "tools")
        const lowers = join(path, "lowers")
        yield* attempt(() => {
          rmSync(spool, { recursive: true, force: true })
          mkdirSync(spool, { mode: 0o700 })
          for (const kept of [cache, layers, lowers, tools]) mkdirSync(kept, { recursive: true, mode: 0o700 })
        })
        return StateDirectory.of({ path, cache, layers, lowers, tools, spool })
      })
    )
}
