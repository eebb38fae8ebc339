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
  const parts = { server: [grid.server()], runner: [grid.runner()], Postgres: grid.pids(/postgres/) }
  const of = `keeper, server, runner and Postgres, ${usual}`
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
    ...Object.entries(parts).map(([who, pids]): Row => ({
      name: `idle memory ${who}`,
      what: `of that: ${who}, pages it shares with the others counted whole`,
      unit: "MB",
      ours: ownMegabytes(pids),
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
