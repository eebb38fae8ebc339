/** Which control of the isolation design holds on this machine: pure, from what the engine says of itself. */
import type { Control } from "rgrid/ports/Sandbox"
import { defaultPids, openFiles, type ScriptUser } from "./settings.ts"

export interface EngineFacts {
  /** `SecurityOptions` of the engine's info: `name=seccomp,profile=default`, `name=rootless`… */
  readonly securityOptions: ReadonlyArray<string>
  readonly memoryLimit: boolean
  readonly swapLimit: boolean
  readonly cpuQuota: boolean
  readonly pidsLimit: boolean
  readonly user: ScriptUser
  /** Why the egress rules can't be enforced; `undefined` when they are. */
  readonly egressRefusal: string | undefined
  readonly allowPrivateNetworks: boolean
}

const always = (name: string, detail: string): Control => ({ name, enforced: true, detail })

const either = (name: string, enforced: boolean, yes: string, no: string): Control => ({
  name,
  enforced,
  detail: enforced ? yes : no
})

const cgroup = (facts: EngineFacts): ReadonlyArray<Control> => [
  either("memory", facts.memoryLimit, "A memory limit per slot.", "This kernel gives the engine no memory limits."),
  either(
    "no swap",
    facts.memoryLimit && facts.swapLimit,
    "Swap is never added to the memory limit.",
    "This kernel does not account for swap."
  ),
  either("cpu", facts.cpuQuota, "A processor quota per slot.", "This kernel gives the engine no processor quotas."),
  either(
    "processes",
    facts.pidsLimit,
    `At most ${defaultPids} processes and threads unless asked otherwise.`,
    "This kernel gives the engine no limit on processes."
  )
]

const network = (facts: EngineFacts): ReadonlyArray<Control> => {
  const enforced = facts.egressRefusal === undefined
  const no = facts.egressRefusal ?? ""
  return [
    always("no inbound network", "No port is published, and slots do not see each other."),
    either("metadata addresses", enforced, "Cloud metadata addresses are refused.", no),
    facts.allowPrivateNetworks
      ? { name: "private networks", enforced: false, detail: "Open by the operator's choice: the scripts are their own." }
      : either("private networks", enforced, "Private ranges and this machine are refused.", no)
  ]
}

const powers = ({ securityOptions, user }: EngineFacts): ReadonlyArray<Control> => [
  either(
    "separate user",
    user.dropsFromRoot,
    `Scripts run as user ${user.uid}, which nobody else has.`,
    `The runner is not root: scripts run as its own user ${user.uid}.`
  ),
  always(
    "capabilities",
    user.dropsFromRoot
      ? "All dropped; the init alone keeps SETUID, SETGID and KILL."
      : "All dropped."
  ),
  always("no new privileges", "Set for the container and again by the init."),
  either(
    "seccomp",
    securityOptions.some((option) => option.startsWith("name=seccomp")),
    "An allow-list of our own.",
    "The engine was built without seccomp."
  )
]

export const controls = (facts: EngineFacts): ReadonlyArray<Control> => [
  ...powers(facts),
  always("read-only root", "The image's files can't be changed; /tmp lies in memory."),
  always("no host namespaces", "Own processes, mounts, network, IPC and host name; no engine socket."),
  ...cgroup(facts),
  always("open files", `At most ${openFiles}.`),
  always("no core dumps", "Their size limit is 0."),
  always("no logs on the host", "The engine stores no output; the runner reads it as it comes."),
  always("deadline", "The slot's init kills everything when its deadline passes or its runner is gone."),
  {
    name: "workspace quota",
    enforced: false,
    detail: "The engine offers none for a bound directory; the runner watches its size."
  },
  ...network(facts)
]
