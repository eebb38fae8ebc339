import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { scriptUserOf } from "../../src/adapters/docker/settings.ts"
import { type BundlePlan, config } from "../../src/adapters/oci/bundle.ts"
import { hierarchiesIn } from "../../src/adapters/oci/cgroups.ts"
import { isFaster } from "../../src/adapters/oci/choice.ts"
import { seccompOf } from "../../src/adapters/oci/seccomp.ts"
import { seccompProfile } from "../../src/slot/initBinary.ts"

const profile = readFileSync(seccompProfile, "utf8")

const plan: BundlePlan = {
  slot: "slot-1",
  request: { image: "python:3.11-slim", workdir: "/home/a/p", outside: [], limits: {}, network: "none" },
  settings: { runnerId: "r1", stateDirectory: "/state", allowPrivateNetworks: false },
  user: scriptUserOf(0, 0),
  places: [
    { source: "/state/slots/slot-1/outside/0", at: "/home/a", readOnly: false },
    { source: "/state/slots/slot-1/work", at: "/home/a/p", readOnly: false }
  ],
  initBinary: "/state/init/x",
  seccomp: profile,
  network: "rgrid-r1",
  cores: 4,
  files: { hosts: "/f/hosts", hostname: "/f/hostname", resolvConf: "/f/resolv.conf" },
  cgroup: "/rgrid/r1/slot-1"
}

const asking = (request: Partial<BundlePlan["request"]>) => config({ ...plan, request: { ...plan.request, ...request } })

const optionsAt = (path: string): ReadonlyArray<string> =>
  config(plan).mounts.find(({ destination }) => destination === path)?.options ?? []

describe("a slot's bundle", () => {
  it("has none of the root user's powers but the init's three", () => {
    const { process, root } = config(plan)
    const powers = ["CAP_SETUID", "CAP_SETGID", "CAP_KILL"]
    const { ambient, bounding, effective, inheritable, permitted } = process.capabilities
    assert.deepStrictEqual([bounding, effective, permitted, inheritable, ambient], [powers, powers, powers, [], []])
    assert.isTrue(process.noNewPrivileges)
    assert.isFalse(process.terminal)
    assert.isTrue(root.readonly)
  })

  it("says nothing of the script: only the init's own arguments, and no variable", () => {
    const { process } = config(plan)
    assert.deepStrictEqual(process.args, ["/.rgrid-init", "--uid", "10001", "--gid", "10001"])
    assert.deepStrictEqual(process.env, [])
  })

  it("has every rule of the profile, and refuses what no rule allows", () => {
    const isOurs = (key: string, value: unknown) => key === "comment" ? undefined : value
    assert.deepEqual<unknown>(config(plan).linux.seccomp, JSON.parse(profile, isOurs))
    assert.throws(() => seccompOf(JSON.stringify({ syscalls: [] })))
  })

  it("has the profile beside its compiled form, for a runtime that knows no such thing", () => {
    const compiled = config({ ...plan, compiled: "AAAA" })
    assert.strictEqual(compiled.annotations["run.oci.seccomp_bpf_data"], "AAAA")
    assert.deepStrictEqual(compiled.linux.seccomp, config(plan).linux.seccomp)
    assert.notProperty(config(plan).annotations, "run.oci.seccomp_bpf_data")
  })

  it("has namespaces of its own, and joins no network but the one it is given", () => {
    const types = (one: BundlePlan) => config(one).linux.namespaces
    const own = ["pid", "ipc", "uts", "mount", "cgroup"].map((type) => ({ type }))
    assert.deepStrictEqual(types(plan), [...own, { type: "network" }])
    assert.deepStrictEqual(types({ ...plan, networkNamespace: "/proc/1/fd/9" }), [
      ...own,
      { type: "network", path: "/proc/1/fd/9" }
    ])
  })

  it("gets the memory, processor and processes asked for, and no swap", () => {
    const { linux } = asking({ limits: { cpu: 0.5, memoryBytes: 512 * 1024 * 1024, pids: 9 } })
    assert.deepStrictEqual(linux.resources, {
      devices: [{ allow: false, access: "rwm" }],
      memory: { limit: 512 * 1024 * 1024, swap: 512 * 1024 * 1024 },
      cpu: { period: 100_000, quota: 50_000 },
      pids: { limit: 9 }
    })
    assert.strictEqual(linux.cgroupsPath, "/rgrid/r1/slot-1")
    assert.deepStrictEqual(config(plan).linux.resources.pids, { limit: 256 })
  })

  it("limits open files and core dumps", () => {
    assert.deepStrictEqual(config(plan).process.rlimits, [
      { type: "RLIMIT_NOFILE", soft: 1024, hard: 1024 },
      { type: "RLIMIT_CORE", soft: 0, hard: 0 }
    ])
  })

  it("mounts the workspace after what it stands in, and nothing of the machine writable", () => {
    const places = config(plan).mounts.map(({ destination }) => destination)
    assert.isBelow(places.indexOf("/home/a"), places.indexOf("/home/a/p"))
    assert.include(optionsAt("/home/a/p"), "rw")
    for (const path of ["/.rgrid-init", "/etc/hosts", "/etc/resolv.conf", "/sys", "/sys/fs/cgroup"]) {
      assert.include(optionsAt(path), "ro", path)
    }
    const bound = config(plan).mounts.filter(({ type }) => type === "bind")
    assert.isTrue(bound.every(({ options }) => options.includes("rprivate")))
  })

  it("is under the engine's AppArmor profile where the machine has it", () => {
    assert.isFalse("apparmorProfile" in config(plan).process)
    assert.strictEqual(config({ ...plan, appArmor: "docker-default" }).process.apparmorProfile, "docker-default")
  })
})

describe("control groups", () => {
  it("are looked for in every hierarchy of either version", () => {
    const mountinfo = "30 25 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs ro\n" +
      "31 30 0:27 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n" +
      "32 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
    assert.deepStrictEqual(hierarchiesIn(mountinfo), ["/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified"])
  })
})

describe("the choice of containers", () => {
  it("is the engine's unless others are faster by more than chance", () => {
    assert.isTrue(isFaster({ docker: 100, oci: 50 }))
    assert.isFalse(isFaster({ docker: 100, oci: 95 }))
  })
})
