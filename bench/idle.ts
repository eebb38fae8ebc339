import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { TestGrid } from "../e2e/harness.ts"
import type { Benchmark } from "./Benchmark.ts"
import { atMost, below } from "./budget.ts"
import { rgrid, usual, withGrid } from "./grid.ts"
import { median, type Row, runs } from "./measure.ts"
import { cpuSeconds, ownMegabytes } from "./proc.ts"

const windowSeconds = 30

/** Keeper, server, runner and Postgres; Docker is the machine's own. */
const processes = (grid: TestGrid) => grid.pids(/./).filter((pid) => pid !== process.pid)

/** In percent of a core. What came and went between counts with its parent. */
const cpu = async (grid: TestGrid): Promise<number> => {
  const before = cpuSeconds(processes(grid))
  await sleep(windowSeconds * 1000)
  return ((cpuSeconds(processes(grid)) - before) / windowSeconds) * 100
}

const items = 300

/** What is left once a batch is over, and with it what only its work needed. */
const afterWork = async (grid: TestGrid, place: string): Promise<number> => {
  await rgrid(grid, place, ["run", "hello.py", "--batch", `{1..${items}}`, "--isolation", "batch", "--parallel", "2"])()
  await sleep(windowSeconds * 1000)
  return ownMegabytes(processes(grid))
}

const measureIn = async (grid: TestGrid, place: string): Promise<ReadonlyArray<Row>> => {
  writeFileSync(join(place, "hello.py"), "print('hello')\n")
  await rgrid(grid, place, ["run", "hello.py"])()
  // Slots are refilled, collectors collect.
  await sleep(windowSeconds * 1000)
  const taken = { cpu: new Array<number>(), memory: new Array<number>() }
  for (let run = 0; run < runs; run++) {
    taken.cpu.push(await cpu(grid))
    taken.memory.push(ownMegabytes(processes(grid)))
  }
  const idleParts = { server: [grid.server()], runner: [grid.runner()], Postgres: grid.pids(/postgres/) }
  const of = `keeper, server, runner and Postgres, ${usual}`
  const parts = Object.entries(idleParts).map(([who, pids]) => [who, ownMegabytes(pids)] as const)
  return [
    {
      name: "idle memory",
      what: `PSS of ${of}`,
      unit: "MB",
      ours: median(taken.memory),
      reference: null,
      runs,
      budget: atMost(200)("at most 200 MB")
    },
    {
      name: "idle cpu",
      what: `over ${windowSeconds} s, of ${of}`,
      unit: "% of a core",
      ours: median(taken.cpu),
      reference: null,
      runs,
      budget: below(1)("below 1 % of a core")
    },
    {
      name: "idle memory after work",
      what: `${windowSeconds} s after a batch of ${items} scripts, PSS of ${of}`,
      unit: "MB",
      ours: await afterWork(grid, place),
      reference: null,
      runs: 1,
      budget: atMost(200)("at most 200 MB")
    },
    ...parts.map(([who, ours]): Row => ({
      name: `idle memory ${who}`,
      what: `of that: ${who}, pages it shares with the others counted whole`,
      unit: "MB",
      ours,
      reference: null,
      runs: 1,
      budget: null
    }))
  ]
}

export const idle: Benchmark = {
  name: "idle",
  budget: atMost(200)("at most 200 MB, below 1 % of a core"),
  measure: () => withGrid(usual, measureIn)
}
