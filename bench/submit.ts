import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Benchmark } from "./Benchmark.ts"
import { below } from "./budget.ts"
import { rgrid, withGrid } from "./grid.ts"
import { alone, runs } from "./measure.ts"

/** From the shell's spawn to the answer that all of it is durable, nothing to upload. */
export const submit: Benchmark = {
  name: "submit",
  budget: below(2000)("below 2 s"),
  measure: () =>
    withGrid("process", async (grid, place) => {
      writeFileSync(join(place, "sleep.py"), "import time\ntime.sleep(3600)\n")
      const ours = rgrid(grid, place, ["run", "sleep.py", "--detach", "--parallel", "1", "--batch", "{1..10000}"])
      const what = "10,000 items accepted, nothing to upload, whole command"
      return [{ name: "submit", what, unit: "ms", ...await alone(ours, runs) }]
    })
}
