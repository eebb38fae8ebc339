/** The sandboxes of containers that this machine can have. Also for a program outside the tests. */
import Docker from "dockerode"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { spawnSync } from "node:child_process"
import { existsSync, symlinkSync } from "node:fs"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import type { Sandbox, SandboxError } from "rgrid/ports/Sandbox"
import * as DockerSandbox from "../../src/adapters/docker/DockerSandbox.ts"
import * as OciSandbox from "../../src/adapters/oci/OciSandbox.ts"

export type Settings = DockerSandbox.DockerSettings

/** One that every promise of containers is asked of. */
export interface Kind {
  readonly name: "docker" | "crun" | "runc"
  readonly layer: (settings: Settings) => Layer.Layer<Sandbox, SandboxError>
  /** How many slots have a container now. */
  readonly slotsOf: (settings: Pick<Settings, "runnerId" | "stateDirectory">) => Promise<number>
  /** Kills a slot's container behind the sandbox's back. */
  readonly kill: (settings: Pick<Settings, "stateDirectory">, slot: string) => Promise<void>
}

const docker = new Docker()

export const engine: Kind = {
  name: "docker",
  layer: DockerSandbox.layer,
  slotsOf: async ({ runnerId }) => {
    const label = [`rgrid.runner=${runnerId}`, "rgrid.slot"]
    return (await docker.listContainers({ all: true, filters: { label } })).length
  },
  kill: (_, slot) => docker.getContainer(`rgrid-${slot}`).kill()
}

/** Where the tests of this file have their images unpacked. */
const share = (stateDirectory: string): void => {
  const unpacked = process.env["RGRID_TEST_ROOTFS"]
  const own = join(stateDirectory, "rootfs")
  if (unpacked !== undefined && !existsSync(own)) symlinkSync(unpacked, own)
}

const runtime = (name: "crun" | "runc"): Kind => {
  const root = (stateDirectory: string): string => join(stateDirectory, "oci", name)
  return {
    name,
    layer: (settings) =>
      Layer.unwrap(Effect.sync(() => {
        share(settings.stateDirectory)
        return OciSandbox.layer(settings, name)
      })),
    slotsOf: async ({ stateDirectory }) =>
      (await readdir(root(stateDirectory)).catch(() => [])).filter((id) => id.startsWith("slot-")).length,
    kill: async ({ stateDirectory }, slot) => {
      spawnSync(name, ["--root", root(stateDirectory), "kill", slot, "KILL"])
    }
  }
}

const usable = (name: "crun" | "runc"): boolean =>
  process.platform === "linux" && process.getuid?.() === 0 && spawnSync(name, ["--version"]).status === 0

/** Docker, and those of this machine's OCI runtimes that a runner would use. */
export const kinds: ReadonlyArray<Kind> = [engine, ...(["crun", "runc"] as const).filter(usable).map(runtime)]
