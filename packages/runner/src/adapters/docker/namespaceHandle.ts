/** A holder's network namespace, kept open: its pid could be another process's by the time somebody joins. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { open, readFile, stat } from "node:fs/promises"
import type { SandboxError } from "rgrid/ports/Sandbox"
import type { Engine } from "./Engine.ts"
import * as errors from "./errors.ts"
import { initPath } from "./settings.ts"

export interface NamespaceHandle {
  /** Of the namespace, valid for every process of this machine as long as the holder lives. */
  readonly path: string
  /** The engine's files for it, on this machine. */
  readonly hosts: string
  readonly hostname: string
  readonly resolvConf: string
}

const opened = async (pid: number) => {
  const file = await open(`/proc/${pid}/ns/net`, "r")
  const [command, theirs, ours] = await Promise.all([
    readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""),
    file.stat(),
    stat("/proc/self/ns/net")
  ])
  if (command.startsWith(`${initPath}\0`) && theirs.ino !== ours.ino) return file
  await file.close()
  throw new Error("The process that holds the network is not one of this machine's.")
}

/** Closed with the scope. Fails where the engine's processes or files are not this machine's. */
export const openNamespace = (
  engine: Engine,
  holder: string
): Effect.Effect<NamespaceHandle, SandboxError, Scope.Scope> =>
  Effect.gen(function*() {
    const seen = yield* engine.call(() => engine.docker.getContainer(holder).inspect())
    const file = yield* Effect.acquireRelease(
      Effect.tryPromise({ try: () => opened(seen.State.Pid), catch: errors.fromFiles("/proc") }),
      (file) => Effect.promise(() => file.close())
    )
    return {
      path: `/proc/${process.pid}/fd/${file.fd}`,
      hosts: seen.HostsPath,
      hostname: seen.HostnamePath,
      resolvConf: seen.ResolvConfPath
    }
  })
