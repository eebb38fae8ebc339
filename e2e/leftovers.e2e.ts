/**
 * What a grid leaves on its machine when it has run much and is stopped: nothing. 150 executions, or as many as
 * `RGRID_LEFTOVERS` says.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { hasDocker } from "../scripts/testing/docker.ts"
import { has, TestGrid } from "./harness.ts"

const executions = Number(process.env["RGRID_LEFTOVERS"] ?? 150)

const linesOf = (text: string): ReadonlyArray<string> => text.split("\n").filter((line) => line !== "").toSorted()

const lines = (program: string, ...args: ReadonlyArray<string>): ReadonlyArray<string> =>
  linesOf(execFileSync(program, args, { encoding: "utf8" }))

/** Whatever its status: it fails when a directory vanishes while it walks, as others' control groups do. */
const found = (...args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const { error, stdout } = spawnSync("find", args, { encoding: "utf8" })
  if (error !== undefined) throw error
  return linesOf(stdout)
}

const below = (directory: string): ReadonlyArray<string> => existsSync(directory) ? found(directory, "-mindepth", "1") : []

/** Control groups, of either version. */
const groups = (): ReadonlyArray<string> =>
  existsSync("/sys/fs/cgroup") ? found("/sys/fs/cgroup", "-maxdepth", "5", "-type", "d") : []

/** Everything of this machine that carries the runner's name; others may run at the same time. */
const traces = (grid: TestGrid, runner: string) => {
  const short = createHash("sha256").update(runner).digest("hex").slice(0, 10)
  const ours = (line: string): boolean => [runner, short, grid.directory].some((name) => line.includes(name))
  const isRoot = process.getuid?.() === 0
  return {
    containers: hasDocker ? lines("docker", "ps", "--all", "--quiet", "--filter", `label=rgrid.runner=${runner}`) : [],
    networks: hasDocker ? lines("docker", "network", "ls", "--format", "{{.Name}}").filter(ours) : [],
    rules: isRoot && hasDocker ? lines("iptables-save").filter(ours) : [],
    mounts: readFileSync("/proc/mounts", "utf8").split("\n").filter(ours),
    groups: groups().filter(ours),
    interfaces: readdirSync("/sys/class/net").filter(ours),
    namespaces: existsSync("/run/netns") ? readdirSync("/run/netns").filter(ours) : [],
    processes: grid.pids(/./),
    slots: below(join(grid.directory, "runner", "slots")),
    spool: below(join(grid.directory, "runner", "spool"))
  }
}

const nothing = {
  containers: [],
  networks: [],
  rules: [],
  mounts: [],
  groups: [],
  interfaces: [],
  namespaces: [],
  processes: [],
  slots: [],
  spool: []
}

const hasOci = hasDocker && process.getuid?.() === 0 && (has("crun") || has("runc"))

const sandboxes: ReadonlyArray<"docker" | "oci" | "process"> = [
  ...(hasDocker ? ["docker" as const] : []),
  ...(hasOci ? ["oci" as const] : []),
  "process"
]

describe.each(sandboxes)(`after ${executions} executions in the %s sandbox`, (sandbox) => {
  it.each(["execution", "batch"])("with --isolation %s nothing is left", async (isolation) => {
    const grid = new TestGrid()
    try {
      await grid.up(sandbox)
      const place = grid.workplace()
      writeFileSync(join(place, "one.py"), "open('made.txt', 'w').write('1')\n")
      const batch = ["--batch", `{1..${executions}}`, "--parallel", "4", "--isolation", isolation, "--remote-only"]
      const { code, stderr } = await grid.run(["run", "one.py", ...batch, "--fail-on", "any"], { cwd: place })
      expect(code, stderr).toBe(0)
      const [{ id: runner }] = (await grid.json(["workers"])) as readonly [{ id: string }]
      expect(traces(grid, runner).processes).not.toEqual([])
      await grid.run(["down"])
      expect(traces(grid, runner)).toEqual(nothing)
    } finally {
      await grid.down()
    }
  }, 60_000 + executions * 1_000)
})
