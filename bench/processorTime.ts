/** Whose processor time a command on the grid takes: for rows of bulk, where the moments of one run tell nothing. */
import { spawn } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { rgridProgram, type TestGrid } from "../e2e/harness.ts"
import { environment, usual, withGrid } from "./grid.ts"
import { cpuSeconds } from "./proc.ts"
import { tableOf } from "./report.ts"

/** The machine's own, if it has them. */
const named = (name: string): ReadonlyArray<number> =>
  readdirSync("/proc").filter((pid) => /^\d+$/.test(pid)).map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/comm`, "utf8").trim() === name
    } catch {
      return false
    }
  })

const parts = (grid: TestGrid): Readonly<Record<string, () => ReadonlyArray<number>>> => ({
  server: () => [grid.server()],
  runner: () => [grid.runner()],
  Postgres: () => grid.pids(/postgres/),
  dockerd: () => named("dockerd"),
  containerd: () => named("containerd")
})

const taken = (grid: TestGrid): ReadonlyMap<string, number> =>
  new Map(Object.entries(parts(grid)).map(([who, pids]) => [who, cpuSeconds(pids())]))

/** The client's is read while it lives; what it takes in its last moment is not in it. */
const runOnce = (grid: TestGrid, place: string, args: ReadonlyArray<string>) =>
  new Promise<{ readonly client: number; readonly wall: number }>((resolve, reject) => {
    const start = performance.now()
    const child = spawn(process.execPath, [rgridProgram, ...args], { cwd: place, env: environment(grid), stdio: "ignore" })
    let client = 0
    const watch = setInterval(() => (client = Math.max(client, cpuSeconds([child.pid!]))), 20)
    child.on("error", reject)
    child.on("close", (code) => {
      clearInterval(watch)
      if (code === 0) resolve({ client, wall: (performance.now() - start) / 1000 })
      else reject(new Error(`rgrid ${args[0]} exited with ${code}`))
    })
  })

/** `lay` puts down what the command needs; twice, since the first time warms up. */
export const processorTime =
  (title: string, lay: (place: string) => void, args: () => ReadonlyArray<string>) => (): Promise<string> =>
    withGrid(usual, async (grid, place) => {
      lay(place)
      await runOnce(grid, place, args())
      lay(place)
      const before = taken(grid)
      const { client, wall } = await runOnce(grid, place, args())
      const each = [["client", client] as const, ...[...taken(grid)].map(([who, at]) => [who, at - before.get(who)!] as const)]
      const rows = each.map(([who, seconds]) => [who, seconds.toFixed(2), `${((seconds / wall) * 100).toFixed(0)} %`])
      const table = tableOf(["who", "processor, s", "of a core"], rows)
      return `## ${title}, ${usual}\n\n\`rgrid ${args().join(" ")}\` took ${wall.toFixed(2)} s.\n\n${table}\n`
    })
