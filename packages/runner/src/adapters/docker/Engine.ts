/** The engine behind its socket: calls with their errors mapped, and what it says of itself. */
import Docker from "dockerode"
import * as Effect from "effect/Effect"
import type { SandboxError } from "rgrid/ports/Sandbox"
import { defaultSocket } from "rgrid/domain/DockerHost"
import * as errors from "./errors.ts"
import type { DockerSettings } from "./settings.ts"

/** What we read of the engine's info; dockerode leaves it untyped. */
export interface EngineInfo {
  readonly Architecture: string
  readonly OSType: string
  readonly KernelVersion: string
  readonly NCPU: number
  readonly ServerVersion: string
  readonly SecurityOptions: ReadonlyArray<string> | null
  readonly MemoryLimit: boolean
  readonly SwapLimit: boolean
  readonly CpuCfsQuota: boolean
  readonly PidsLimit: boolean
}

export interface Engine {
  readonly docker: Docker
  readonly socketPath: string
  /** Runs one request; what it throws becomes a `SandboxError`. */
  readonly call: <A>(use: (signal: AbortSignal) => Promise<A>) => Effect.Effect<A, SandboxError>
  /** Fails within three seconds when the engine does not answer. */
  readonly info: Effect.Effect<EngineInfo, SandboxError>
}

export const make = (settings: DockerSettings): Engine => {
  const socketPath = settings.socketPath ?? defaultSocket
  const docker = new Docker({ socketPath })
  const call: Engine["call"] = (use) =>
    Effect.tryPromise({ try: use, catch: errors.fromEngine(socketPath, settings.stateDirectory) })
  const info = call((): Promise<EngineInfo> => docker.info()).pipe(
    Effect.timeoutOrElse({
      duration: "3 seconds",
      orElse: () => Effect.fail(errors.unavailable(`The Docker engine at ${socketPath} does not answer.`))
    })
  )
  return { docker, socketPath, call, info }
}
