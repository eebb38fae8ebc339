/** Everything mounted in a slot: what the engine mounts in each container, and what is the slot's own. Pure. */
import type { ContainerCreateOptions, MountSettings } from "dockerode"

export interface OciMount {
  readonly destination: string
  readonly type: string
  readonly source: string
  readonly options: ReadonlyArray<string>
}

const inert = ["nosuid", "noexec", "nodev"]

const mount = (destination: string, type: string, source: string, ...options: ReadonlyArray<string>): OciMount => ({
  destination,
  type,
  source,
  options
})

/** As the engine has them, in its order. */
const system = (sharedMemory: number): ReadonlyArray<OciMount> => [
  mount("/proc", "proc", "proc", ...inert),
  mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
  mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
  mount("/sys", "sysfs", "sysfs", ...inert, "ro"),
  mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro", ...inert),
  mount("/dev/mqueue", "mqueue", "mqueue", ...inert),
  mount("/dev/shm", "tmpfs", "shm", ...inert, "mode=1777", `size=${sharedMemory}`)
]

const bound = ({ ReadOnly, Source, Target }: MountSettings): OciMount =>
  mount(Target, "bind", Source, "rbind", "rprivate", ReadOnly === true ? "ro" : "rw")

const depth = ({ destination }: OciMount): number => destination.split("/").length

/** Read-only files over the image's: what a name means, who the machine is. */
export interface NetworkFiles {
  readonly hosts: string
  readonly hostname: string
  readonly resolvConf: string
}

const named = ({ hostname, hosts, resolvConf }: NetworkFiles): ReadonlyArray<OciMount> =>
  [["/etc/resolv.conf", resolvConf], ["/etc/hostname", hostname], ["/etc/hosts", hosts]].map(([at = "", file = ""]) =>
    mount(at, "bind", file, "rbind", "rprivate", "ro")
  )

/** The shallow before the deep: the workspace may stand in a directory outside it. */
export const mountsOf = ({ HostConfig }: ContainerCreateOptions, files: NetworkFiles): ReadonlyArray<OciMount> => {
  const own = [
    ...Object.entries(HostConfig?.Tmpfs ?? {}).map(([at, options]) => mount(at, "tmpfs", "tmpfs", ...options.split(","))),
    ...(HostConfig?.Mounts ?? []).map(bound),
    ...named(files)
  ]
  return [...system(HostConfig?.ShmSize ?? 0), ...own.toSorted((a, b) => depth(a) - depth(b))]
}
