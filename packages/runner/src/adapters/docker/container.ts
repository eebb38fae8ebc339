/**
 * A slot's container as the engine is asked for it: pure, so that every control can be read and tested in one place.
 *
 * The script's arguments and environment are not here: they travel over the init's connection only, never through the
 * engine's configuration, which every user of the engine can read.
 */
import type { ContainerCreateOptions, MountSettings } from "dockerode"
import type { SlotRequest } from "rgrid/ports/Sandbox"
import type { Place } from "../../slot/Placing.ts"
import {
  caBundlePath,
  defaultPids,
  type DockerSettings,
  holderLabel,
  initPath,
  openFiles,
  outletPath,
  runnerLabel,
  type ScriptUser,
  slotLabel
} from "./settings.ts"
import type { Users } from "./users.ts"

export interface ContainerPlan {
  readonly slot: string
  readonly request: SlotRequest
  readonly settings: DockerSettings
  readonly user: ScriptUser
  /** Mounted with the container; empty where they come later. */
  readonly places: ReadonlyArray<Place>
  /** Host path. */
  readonly initBinary: string
  /** Host path of the socket by which the init speaks. */
  readonly outlet?: string
  /** Stand in for the image's, so that the script's user has a name. */
  readonly users?: Users
  /** Text of the seccomp profile. */
  readonly seccomp: string
  /** What Docker is told for `network: "open"`: a network's name, or whose namespace to join. */
  readonly network: string
  /** Cores of the engine's machine: it refuses to be asked for more. */
  readonly cores: number
}

export const hostname = "rgrid"

const mebibyte = 1024 * 1024

/** The engine refuses less than 6 MiB; below 16 not even a shell starts. */
const leastMemory = 16 * mebibyte

const bind = (source: string, target: string, readOnly: boolean): MountSettings => ({
  Type: "bind",
  Source: source,
  Target: target,
  ReadOnly: readOnly,
  BindOptions: { Propagation: "rprivate" }
})

/** The engine mounts by depth, whatever the order here: the workspace may stand in a directory outside it. */
const mounts = (plan: ContainerPlan): Array<MountSettings> => [
  bind(plan.initBinary, initPath, true),
  ...(plan.users === undefined
    ? []
    : [bind(plan.users.passwd, "/etc/passwd", true), bind(plan.users.group, "/etc/group", true)]),
  ...(plan.outlet === undefined ? [] : [bind(plan.outlet, outletPath, true)]),
  ...plan.places.map(({ at, readOnly, source }) => bind(source, at, readOnly)),
  ...(plan.settings.caBundle === undefined ? [] : [bind(plan.settings.caBundle, caBundlePath, true)])
]

/** None where the job's own `/tmp` takes its place: the engine refuses two mounts at one path. */
const tmpfs = ({ places, request: { limits: { memoryBytes } } }: ContainerPlan): Record<string, string> =>
  places.some(({ at }) => at === "/tmp")
    ? {}
    : { "/tmp": `rw,exec,nosuid,nodev,mode=1777${memoryBytes === undefined ? "" : `,size=${memoryBytes}`}` }

const limits = ({ cores, request: { limits } }: ContainerPlan) => {
  const memory = limits.memoryBytes === undefined ? undefined : Math.max(limits.memoryBytes, leastMemory)
  return {
    ...(memory === undefined ? {} : { Memory: memory, MemorySwap: memory }),
    ...(limits.cpu === undefined ? {} : { NanoCpus: Math.round(Math.min(Math.max(limits.cpu, 0.01), cores) * 1e9) }),
    PidsLimit: limits.pids ?? defaultPids,
    ShmSize: memory === undefined ? 1024 * mebibyte : Math.floor(memory / 2),
    Ulimits: [
      { Name: "nofile", Soft: openFiles, Hard: openFiles },
      { Name: "core", Soft: 0, Hard: 0 }
    ]
  }
}

/** Root in the container, but of all its powers only: become the script's user, and kill it. */
const powers = ({ seccomp, user }: ContainerPlan) => ({
  CapDrop: ["ALL"],
  CapAdd: user.dropsFromRoot ? ["SETUID", "SETGID", "KILL"] : [],
  SecurityOpt: ["no-new-privileges", `seccomp=${seccomp}`],
  ReadonlyRootfs: true,
  Privileged: false,
  Init: false
})

/** Whoever joins another's network has its host name too, and may not ask for one. */
const naming = ({ network, request }: ContainerPlan) =>
  request.network === "open" && network.startsWith("container:") ? {} : { Hostname: hostname }

const speaking = ({ outlet }: ContainerPlan): ReadonlyArray<string> => outlet === undefined ? [] : ["--outlet", outletPath]

/** What to ask the engine for. */
export const createOptions = (plan: ContainerPlan): ContainerCreateOptions => ({
  name: `rgrid-${plan.slot}`,
  Image: plan.request.image,
  Entrypoint: [initPath, "--uid", String(plan.user.uid), "--gid", String(plan.user.gid), ...speaking(plan)],
  Cmd: [],
  WorkingDir: "/",
  User: plan.user.dropsFromRoot ? "0:0" : `${plan.user.uid}:${plan.user.gid}`,
  ...naming(plan),
  Tty: false,
  OpenStdin: true,
  StdinOnce: true,
  AttachStdin: true,
  AttachStdout: true,
  AttachStderr: true,
  StopSignal: "SIGKILL",
  Healthcheck: { Test: ["NONE"] },
  Labels: { [runnerLabel]: plan.settings.runnerId, [slotLabel]: plan.slot },
  HostConfig: {
    ...limits(plan),
    ...powers(plan),
    Mounts: mounts(plan),
    Tmpfs: tmpfs(plan),
    NetworkMode: plan.request.network === "none" ? "none" : plan.network,
    LogConfig: { Type: "none", Config: {} },
    AutoRemove: true,
    RestartPolicy: { Name: "no" }
  }
})

/** A slot may run for longer than its holder's init would wait by itself. Milliseconds. */
const holderPatience = 366 * 86_400_000

/** A container that only holds a network namespace: nothing is mounted in it, and nothing but the init runs. */
export const holderOptions = (plan: ContainerPlan): ContainerCreateOptions => {
  const options = createOptions({ ...plan, request: { ...plan.request, limits: { memoryBytes: leastMemory, pids: 32 } } })
  return {
    ...options,
    Cmd: ["--idle-ms", String(holderPatience)],
    Labels: { [runnerLabel]: plan.settings.runnerId, [holderLabel]: plan.slot },
    HostConfig: { ...options.HostConfig, Mounts: [bind(plan.initBinary, initPath, true)], Tmpfs: {} }
  }
}
