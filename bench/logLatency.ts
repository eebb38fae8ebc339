import { spawn, spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { rgridProgram } from "../e2e/harness.ts"
import type { Benchmark } from "./Benchmark.ts"
import { below } from "./budget.ts"
import { environment, python3, usual, withGrid } from "./grid.ts"
import { inTurn, quantile, runs, type Timing } from "./measure.ts"

const lines = 150

/** Container and terminal are of one kernel, and so is their clock. */
const script = `import sys, time
for _ in range(int(sys.argv[1])):
    time.sleep(0.02)
    print(time.time_ns(), flush=True)
`

const microseconds = () => (performance.timeOrigin + performance.now()) * 1000

const hasTerminal = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") === true

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** A terminal's output goes another way through a program than a pipe's does. */
const onTerminal = (argv: ReadonlyArray<string>): readonly [program: string, args: ReadonlyArray<string>] =>
  hasTerminal ? ["script", ["-qefc", argv.map(quoted).join(" "), "/dev/null"]] : [argv[0]!, argv.slice(1)]

/** Milliseconds from the print to the terminal that all but one line in twenty took at most. */
const latency = (argv: ReadonlyArray<string>, cwd: string, env = process.env): Timing => () =>
  new Promise((resolve, reject) => {
    const [program, args] = onTerminal([...argv, `${lines}`])
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "inherit"] })
    const taken: Array<number> = []
    let rest = ""
    child.on("error", reject)
    child.stdout.on("data", (chunk: Buffer) => {
      const now = microseconds()
      const complete = `${rest}${chunk.toString()}`.split("\n")
      rest = complete.pop()!
      for (const line of complete) {
        const printed = /(\d{19})\s*$/.exec(line)?.[1]
        if (printed !== undefined) taken.push((now - Number(BigInt(printed) / 1000n)) / 1000)
      }
    })
    child.on("close", () =>
      taken.length === lines ? resolve(quantile(taken, 0.95)) : reject(new Error(`${taken.length} of ${lines} lines came`)))
  })

/** From the print in the container to the terminal of `rgrid run`. */
export const logLatency: Benchmark = {
  name: "log-latency",
  budget: below(100)("below 100 ms for 95 of 100 lines"),
  measure: () =>
    withGrid(usual, async (grid, place) => {
      writeFileSync(join(place, "lines.py"), script)
      const ours = latency([process.execPath, rgridProgram, "run", "lines.py"], place, environment(grid))
      const measured = await inTurn(ours, latency([python3, "lines.py"], place), runs)
      const what = `a line printed, ${usual}, to the ${hasTerminal ? "terminal" : "pipe"} of rgrid run; 95th of 100; against python3`
      return [{ name: "log-latency", what, unit: "ms", ...measured }]
    })
}
