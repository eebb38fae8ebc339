/** The OCI runtime of this machine, and why none can be used. */
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { SandboxError, SandboxUnavailable } from "rgrid/ports/Sandbox"
import type { Ground } from "../docker/Ground.ts"

const execute = promisify(execFile)

export interface Runtime {
  readonly name: "crun" | "runc"
  /** What it says of itself; its features are in there. */
  readonly version: string
}

export const unavailable = (detail: string): SandboxError =>
  new SandboxError({ reason: new SandboxUnavailable({ sandbox: "oci", detail }) })

const versionOf = (program: string): Promise<string | null> =>
  execute(program, ["--version"], { timeout: 10_000 }).then(({ stdout }) => stdout.trim(), () => null)

const hasSeccomp: Readonly<Record<Runtime["name"], RegExp>> = { crun: /\+SECCOMP/, runc: /libseccomp/ }

/** In order of preference: alone they are alike, two slots at a time crun makes a fifth more. */
const candidates = ["crun", "runc"] as const

/** Those there that can filter system calls. */
const runtimes = async (): Promise<ReadonlyArray<Runtime>> => {
  const found = await Promise.all(candidates.map(async (name) => ({ name, version: await versionOf(name) })))
  return found.flatMap(({ name, version }) =>
    version !== null && hasSeccomp[name].test(version) ? [{ name, version }] : []
  )
}

/** Arguments that every command of it begins with. `root`: where it keeps what it knows of its containers. */
export const command = ({ name }: Runtime, root: string): ReadonlyArray<string> =>
  name === "crun" ? [name, "--root", root, "--cgroup-manager=cgroupfs"] : [name, "--root", root]

/** Kills all of a container and forgets it. Never fails: most are gone by then. */
export const remove = (runtime: Runtime, root: string, id: string): Effect.Effect<void> =>
  Effect.promise(async () => {
    const [program = "", ...args] = command(runtime, root)
    await execute(program, [...args, "delete", "--force", id], { timeout: 10_000 }).catch(() => undefined)
  })

/** Images are unpacked with it: others know less of what a file may carry. */
const hasTar = async (): Promise<boolean> => /GNU tar/.test(await versionOf("tar") ?? "")

/** What the engine isolates with beyond what every container has, by name. */
const measures = ({ info }: Ground): ReadonlyArray<string> =>
  (info.SecurityOptions ?? []).map((option) => /^name=([^,]+)/.exec(option)?.[1] ?? "")

/** The engine's own profile for containers, which it loads where the machine has AppArmor. */
export const appArmorOf = (ground: Ground): { readonly appArmor?: string } =>
  measures(ground).includes("apparmor") ? { appArmor: "docker-default" } : {}

/** The one to use, or why none can isolate scripts here as the engine does. */
export const runtimeFor = (ground: Ground, only?: Runtime["name"]): Effect.Effect<Runtime | string> =>
  Effect.promise(async () => {
    if (process.platform !== "linux" || !ground.plan.user.dropsFromRoot) return "The runner must be root, on Linux."
    const odd = measures(ground).find((name) => ["rootless", "userns", "selinux"].includes(name))
    if (odd !== undefined) return `The Docker engine uses ${odd}, which containers without it would not have.`
    if (!await hasTar()) return "This machine lacks GNU tar."
    const asked = (await runtimes()).filter(({ name }) => only === undefined || name === only)
    const needsAppArmor = appArmorOf(ground).appArmor !== undefined
    const fits = asked.find(({ name, version }) => !needsAppArmor || name === "runc" || version.includes("+APPARMOR"))
    return fits ?? `This machine has no ${only ?? "crun or runc"} that can filter system calls.`
  })
