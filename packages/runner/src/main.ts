/** A runner as a program: `launch` is all that whoever starts one needs. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import { readFile } from "node:fs/promises"
import { getCACertificates, setDefaultCACertificates } from "node:tls"

import { Sandbox, type SandboxError, SandboxUnavailable } from "rgrid/ports/Sandbox"
import * as Agent from "./Agent.ts"
import type { FileTrouble } from "./attempt/FileTrouble.ts"
import { type RunnerFailure, StateDirectoryUnusable } from "./failures.ts"
import * as identity from "./identity.ts"
import * as layers from "./layers.ts"
import type { RunnerSettings } from "./Settings.ts"
import { StateDirectory } from "./StateDirectory.ts"

export * from "./failures.ts"
export type { RunnerSettings } from "./Settings.ts"
export { SandboxUnavailable } from "rgrid/ports/Sandbox"

/** Lines of JSON on stderr. They never hold a script, its arguments, its environment or its output. */
const logging = Logger.layer([Logger.withConsoleError(Logger.formatJson)])

const ofSandbox = ({ reason }: SandboxError): SandboxUnavailable =>
  reason._tag === "SandboxUnavailable"
    ? reason
    : new SandboxUnavailable({ sandbox: "any", detail: JSON.stringify(reason) })

const ofDisk = (directory: string) => ({ detail, path }: FileTrouble): StateDirectoryUnusable =>
  new StateDirectoryUnusable({ directory, detail: `${path}: ${detail}` })

/** What an earlier life left runs no longer once this returns. */
const reclaim = Sandbox.use((sandbox) => sandbox.reclaim).pipe(
  Effect.tap((found) => found === 0 ? Effect.void : Effect.logInfo("Removed what an earlier run left", { found }))
)

/** The runner fetches what installs, from the indexes of whoever's proxy it is behind. */
const trust = (file: string): Effect.Effect<void> =>
  Effect.tryPromise(async () => {
    const ours = (await readFile(file, "utf8")).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
    setDefaultCACertificates([...getCACertificates("default"), ...ours])
  }).pipe(Effect.catch((error) => Effect.logWarning("The CA bundle can't be used", { file, error: error.message })))

const serve = Effect.fnUntraced(function*(settings: RunnerSettings) {
  if (settings.caBundle !== undefined) yield* trust(settings.caBundle)
  const self = yield* identity.load(settings.stateDirectory)
  const sandbox = layers.sandbox(settings, self.runner)
  return yield* Effect.andThen(reclaim, Agent.run(self)).pipe(
    Effect.provide(layers.services(settings).pipe(Layer.provideMerge(sandbox)))
  )
})

/**
 * Runs a runner until it is interrupted; then nothing of it is left: scripts are killed, their attempts reported lost.
 * Fails only at the start, when this machine, the state directory or the key won't do.
 */
export const launch = (settings: RunnerSettings): Effect.Effect<never, RunnerFailure> =>
  serve(settings).pipe(
    Effect.provide(StateDirectory.layer(settings.stateDirectory)),
    Effect.catchTags({
      SandboxError: (error) => Effect.fail(ofSandbox(error)),
      FileTrouble: (error) => Effect.fail(ofDisk(settings.stateDirectory)(error))
    }),
    Effect.provide(logging)
  )

/** `RunnerSettings` in plain values. */
export interface PlainRunnerSettings extends Omit<RunnerSettings, "key"> {
  readonly key: string
}

/**
 * `launch` for a program with its own copy of Effect, as the bundled command line is: plain values in, a promise out. It
 * ends after `signal` and the cleaning up behind it, or rejects with a `RunnerFailure`.
 */
export const run = async ({ key, ...settings }: PlainRunnerSettings, signal: AbortSignal): Promise<void> => {
  const exit = await Effect.runPromiseExit(launch({ ...settings, key: Redacted.make(key) }), { signal })
  if (Exit.isFailure(exit) && !signal.aborted) throw Cause.squash(exit.cause)
}
