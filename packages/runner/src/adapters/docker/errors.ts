/** The one place where the engine's errors become the port's. */
import * as Predicate from "effect/Predicate"
import { DiskFull, ImageNotFound, SandboxError, SandboxUnavailable, SlotLost } from "rgrid/ports/Sandbox"

/** What may be known of an error thrown by dockerode or Node. */
interface EngineFailure {
  readonly code?: string
  readonly status?: number
  readonly message: string
}

export const describe = (cause: unknown): EngineFailure => {
  const code = Predicate.hasProperty(cause, "code") && Predicate.isString(cause.code) ? cause.code : undefined
  const status = Predicate.hasProperty(cause, "statusCode") && Predicate.isNumber(cause.statusCode)
    ? cause.statusCode
    : undefined
  const message = cause instanceof Error ? cause.message.trim() : String(cause)
  return { ...(code === undefined ? {} : { code }), ...(status === undefined ? {} : { status }), message }
}

export const isStatus = (cause: unknown, ...statuses: ReadonlyArray<number>): boolean =>
  statuses.includes(describe(cause).status ?? 0)

/** Nobody listens at the engine's socket. */
export const isAbsent = (cause: unknown): boolean => ["ENOENT", "ECONNREFUSED"].includes(describe(cause).code ?? "")

export const unavailable = (detail: string): SandboxError =>
  new SandboxError({ reason: new SandboxUnavailable({ sandbox: "docker", detail }) })

export const slotLost = (slot: string, detail: string): SandboxError =>
  new SandboxError({ reason: new SlotLost({ slot, detail }) })

const isDiskFull = ({ code, message }: EngineFailure): boolean =>
  code === "ENOSPC" || code === "EDQUOT" || /no space left on device|disk quota exceeded/i.test(message)

/** Whatever goes wrong while speaking to the engine at `socketPath`. */
export const fromEngine = (socketPath: string, stateDirectory: string) => (cause: unknown): SandboxError => {
  const failure = describe(cause)
  if (isDiskFull(failure)) return new SandboxError({ reason: new DiskFull({ path: stateDirectory }) })
  if (isAbsent(cause)) {
    return unavailable(`No Docker engine answers at ${socketPath}. Start Docker, or name its socket in the settings.`)
  }
  if (failure.code === "EACCES" || failure.code === "EPERM") {
    return unavailable(
      `This user may not use the Docker engine at ${socketPath}. ` +
        "Add the user to the group that owns the socket (usually `docker`) and log in again."
    )
  }
  return unavailable(failure.message)
}

/** Whatever goes wrong with files of ours. */
export const fromFiles = (path: string) => (cause: unknown): SandboxError =>
  isDiskFull(describe(cause))
    ? new SandboxError({ reason: new DiskFull({ path }) })
    : unavailable(`${path}: ${describe(cause).message}`)

const absent =
  /not found|manifest unknown|pull access denied|repository does not exist|invalid reference|no matching manifest/i

/** A pull that failed: there is no such image, or its registry could not be asked. */
export const fromPull = (image: string, stateDirectory: string) => (cause: unknown): SandboxError => {
  const failure = describe(cause)
  if (isDiskFull(failure)) return new SandboxError({ reason: new DiskFull({ path: stateDirectory }) })
  if (failure.status === 400 || absent.test(failure.message)) {
    return new SandboxError({ reason: new ImageNotFound({ image, detail: failure.message }) })
  }
  // Tried again at once it would fail again: the sentence is worth more than two more attempts.
  const detail = `It is not on this worker and could not be pulled: ${failure.message}`
  return new SandboxError({ reason: new ImageNotFound({ image, detail }) })
}
