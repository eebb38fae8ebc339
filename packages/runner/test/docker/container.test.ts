import { assert, describe, it } from "@effect/vitest"
import { type ContainerPlan, createOptions, holderOptions } from "../../src/adapters/docker/container.ts"
import { scriptUserOf } from "../../src/adapters/docker/settings.ts"

const plan: ContainerPlan = {
  slot: "slot-1",
  request: { image: "python:3.11-slim", workdir: "/home/a/p", outside: [], limits: {}, network: "open" },
  settings: { runnerId: "r1", stateDirectory: "/state", allowPrivateNetworks: false },
  user: scriptUserOf(0, 0),
  places: [{ source: "/state/slots/slot-1/work", at: "/home/a/p", readOnly: false }],
  initBinary: "/state/init/x",
  seccomp: "{}",
  network: "rgrid-r1",
  cores: 4
}

const asking = (request: Partial<ContainerPlan["request"]>) =>
  createOptions({ ...plan, request: { ...plan.request, ...request } })

describe("a slot's container", () => {
  it("has none of the root user's powers but the init's three", () => {
    const { HostConfig, User } = createOptions(plan)
    assert.strictEqual(User, "0:0")
    assert.deepStrictEqual(HostConfig?.CapDrop, ["ALL"])
    assert.deepStrictEqual(HostConfig?.CapAdd, ["SETUID", "SETGID", "KILL"])
    assert.deepStrictEqual(HostConfig?.SecurityOpt, ["no-new-privileges", "seccomp={}"])
    assert.isTrue(HostConfig?.ReadonlyRootfs)
  })

  it("runs as the runner's own user, without any power, when the runner is not root", () => {
    const { Entrypoint, HostConfig, User } = createOptions({ ...plan, user: scriptUserOf(1000, 1001) })
    assert.strictEqual(User, "1000:1001")
    assert.deepStrictEqual(HostConfig?.CapAdd, [])
    assert.deepStrictEqual(Entrypoint, ["/.rgrid-init", "--uid", "1000", "--gid", "1001"])
  })

  it("says nothing of the script", () => {
    const options = createOptions(plan)
    assert.isUndefined(options.Env)
    assert.deepStrictEqual(options.Cmd, [])
  })

  it("gets no swap on top of its memory, and a /tmp within it", () => {
    const { HostConfig } = asking({ limits: { memoryBytes: 512 * 1024 * 1024 } })
    assert.strictEqual(HostConfig?.Memory, 512 * 1024 * 1024)
    assert.strictEqual(HostConfig?.MemorySwap, HostConfig?.Memory)
    assert.include(HostConfig?.Tmpfs?.["/tmp"] ?? "", `size=${512 * 1024 * 1024}`)
  })

  it("asks for no more cores than there are and no less memory than a start needs", () => {
    assert.strictEqual(asking({ limits: { cpu: 64 } }).HostConfig?.NanoCpus, 4e9)
    assert.strictEqual(asking({ limits: { cpu: 0.5 } }).HostConfig?.NanoCpus, 5e8)
    assert.strictEqual(asking({ limits: { memoryBytes: 1 } }).HostConfig?.Memory, 16 * 1024 * 1024)
    assert.strictEqual(asking({ limits: { pids: 9 } }).HostConfig?.PidsLimit, 9)
    assert.strictEqual(createOptions(plan).HostConfig?.PidsLimit, 256)
  })

  it("mounts what has its place, as it may be used, and no tmpfs where that is /tmp", () => {
    const tmp = { source: "/state/slots/slot-1/outside/0", at: "/tmp", readOnly: false }
    const root = { source: "/state/slots/slot-1/root", at: "/root", readOnly: true }
    const { Mounts, Tmpfs } = createOptions({ ...plan, places: [root, tmp] }).HostConfig ?? {}
    const mounted = (target: string) => Mounts?.find(({ Target }) => Target === target)
    assert.deepInclude(mounted("/tmp"), { Source: tmp.source, ReadOnly: false })
    assert.deepInclude(mounted("/root"), { Source: root.source, ReadOnly: true })
    assert.deepStrictEqual(Tmpfs, {})
    assert.property(createOptions(plan).HostConfig?.Tmpfs, "/tmp")
  })

  it("is told of a socket to speak to only where there is one", () => {
    const { Entrypoint, HostConfig } = createOptions({ ...plan, outlet: "/state/slots/slot-1/outlet" })
    assert.deepStrictEqual(Entrypoint?.slice(-2), ["--outlet", "/.rgrid-outlet"])
    assert.deepInclude(HostConfig?.Mounts?.find(({ Target }) => Target === "/.rgrid-outlet"), { ReadOnly: true })
    assert.notInclude(createOptions(plan).Entrypoint, "--outlet")
  })

  it("joins the runner's network or none", () => {
    assert.strictEqual(createOptions(plan).HostConfig?.NetworkMode, "rgrid-r1")
    assert.strictEqual(asking({ network: "none" }).HostConfig?.NetworkMode, "none")
  })

  it("has the host name of the one whose network it joins, without asking for it", () => {
    const network = "container:rgrid-net-1"
    assert.isFalse("Hostname" in createOptions({ ...plan, network }))
    const request = { ...plan.request, network: "none" as const }
    assert.strictEqual(createOptions({ ...plan, network, request }).Hostname, "rgrid")
  })

  it("that only holds a network is as hardened as any, with nothing mounted but the init", () => {
    const { HostConfig, Hostname, Labels } = holderOptions({ ...plan, slot: "net-1" })
    assert.deepStrictEqual(HostConfig?.Mounts?.map(({ Target }) => Target), ["/.rgrid-init"])
    assert.deepStrictEqual(HostConfig?.SecurityOpt, createOptions(plan).HostConfig?.SecurityOpt)
    assert.deepStrictEqual([Hostname, HostConfig?.NetworkMode], ["rgrid", "rgrid-r1"])
    assert.deepStrictEqual(Labels, { "rgrid.runner": "r1", "rgrid.network": "net-1" })
  })
})
