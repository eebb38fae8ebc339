/**
 * A slot's container as an OCI runtime is told of it: what the engine would be asked for, translated. Pure, and made of
 * the very request to the engine, so that no control can be in one and not in the other.
 */
import type { ContainerCreateOptions } from "dockerode"
import { type ContainerPlan, createOptions, hostname } from "../docker/container.ts"
import { runnerLabel, slotLabel } from "../docker/settings.ts"
import { mountsOf, type NetworkFiles } from "./mounts.ts"
import { seccompOf } from "./seccomp.ts"

export interface BundlePlan extends ContainerPlan {
  /** Path of the network namespace to join; absent: a new one with nothing but the loopback. */
  readonly networkNamespace?: string
  readonly files: NetworkFiles
  /** Beneath each hierarchy's root. */
  readonly cgroup: string
  /** The profile as crun compiled it before: it uses that then. Others, and those that know no such thing, compile it. */
  readonly compiled?: string
  /** The engine's own profile for containers, where the machine has AppArmor. */
  readonly appArmor?: string
}

/** The engine's own lists, as its latest version has them. */
const masked = [
  "/proc/asound",
  "/proc/acpi",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap"
]

const hierarchies =
  ("cpu cpuacct cpu,cpuacct cpuset memory devices freezer blkio pids systemd net_cls net_prio net_cls,net_prio " +
    "perf_event hugetlb rdma misc unified").split(" ")

/**
 * What crun mounts the first version's hierarchies in is a directory that everybody may write to; closing that by a
 * mount over it opens those beneath. Those that are not there are passed over.
 */
const controlGroups = ["/sys/fs/cgroup", ...hierarchies.map((name) => `/sys/fs/cgroup/${name}`)]

const readOnly = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", ...controlGroups]

/** Microseconds, as the engine has it. */
const period = 100_000

const resources = ({ HostConfig: { Memory, MemorySwap, NanoCpus, PidsLimit } = {} }: ContainerCreateOptions) => ({
  devices: [{ allow: false, access: "rwm" }],
  ...(Memory === undefined ? {} : { memory: { limit: Memory, swap: MemorySwap ?? Memory } }),
  ...(NanoCpus === undefined ? {} : { cpu: { period, quota: Math.round(NanoCpus / 1e9 * period) } }),
  pids: { limit: PidsLimit }
})

/** As the engine sets them for a network of a container's own: any port may be listened on, ping needs no power. */
const ownNetwork = { "net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ping_group_range": "0 2147483647" }

const isolation = ({ cgroup, networkNamespace, seccomp }: BundlePlan, asked: ContainerCreateOptions) => ({
  namespaces: [
    ...["pid", "ipc", "uts", "mount", "cgroup"].map((type) => ({ type })),
    networkNamespace === undefined ? { type: "network" } : { type: "network", path: networkNamespace }
  ],
  ...(networkNamespace === undefined ? { sysctl: ownNetwork } : {}),
  cgroupsPath: cgroup,
  resources: resources(asked),
  seccomp: seccompOf(seccomp),
  maskedPaths: masked,
  readonlyPaths: readOnly
})

const process = ({ appArmor, user }: BundlePlan, { Cmd, Entrypoint, HostConfig, WorkingDir }: ContainerCreateOptions) => {
  const powers = (HostConfig?.CapAdd ?? []).map((name: string) => `CAP_${name}`)
  return {
    terminal: false,
    user: user.dropsFromRoot ? { uid: 0, gid: 0, umask: 0o22 } : { uid: user.uid, gid: user.gid, umask: 0o22 },
    args: [...(Entrypoint ?? []), ...(Cmd ?? [])],
    env: [],
    cwd: WorkingDir,
    capabilities: { bounding: powers, effective: powers, permitted: powers, inheritable: [], ambient: [] },
    noNewPrivileges: true,
    rlimits: (HostConfig?.Ulimits ?? []).map(({ Hard, Name, Soft }) => ({
      type: `RLIMIT_${Name?.toUpperCase()}`,
      soft: Soft,
      hard: Hard
    })),
    oomScoreAdj: 0,
    ...(appArmor === undefined ? {} : { apparmorProfile: appArmor })
  }
}

const annotations = ({ compiled, settings, slot }: BundlePlan) => ({
  [runnerLabel]: settings.runnerId,
  [slotLabel]: slot,
  ...(compiled === undefined ? {} : { "run.oci.seccomp_bpf_data": compiled })
})

/** What stands in the bundle's `config.json`. The root lies beside it. */
export const config = (plan: BundlePlan) => {
  const asked = createOptions(plan)
  return {
    ociVersion: "1.0.2",
    root: { path: "root", readonly: asked.HostConfig?.ReadonlyRootfs },
    hostname,
    process: process(plan, asked),
    mounts: mountsOf(asked, plan.files),
    annotations: annotations(plan),
    linux: isolation(plan, asked)
  }
}
