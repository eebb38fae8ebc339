import { rgridProgram } from "../e2e/harness.ts"
import type { Benchmark } from "./Benchmark.ts"
import { atMostTimes } from "./budget.ts"
import { withPlace } from "./grid.ts"
import { command, inTurn } from "./measure.ts"

export const help: Benchmark = {
  name: "help",
  budget: atMostTimes(3)("at most 3 × `node -e 0`"),
  measure: () =>
    withPlace(async (place) => {
      const ours = command(process.execPath, [rgridProgram, "--help"], place)
      const measured = await inTurn(ours, command(process.execPath, ["-e", "0"], place), 15)
      return [{ name: "help", what: "`rgrid --help` against `node -e 0`", unit: "ms", ...measured }]
    })
}
