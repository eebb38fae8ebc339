import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Benchmark } from "./Benchmark.ts"
import { within } from "./budget.ts"
import { python3, rgrid, sandboxes, withGrid, withWarmSlot } from "./grid.ts"
import { command, inTurn, type Row } from "./measure.ts"
import { profileOfCommand } from "./wholeCommandProfile.ts"

/** `rgrid run hello.py` on a warm grid, from the shell's spawn to the exit, against `python3 hello.py`. */
export const wholeCommand: Benchmark = {
  name: "whole-command",
  budget: within(150)("at most 150 ms more than local"),
  measure: async () => {
    const rows: Array<Row> = []
    for (const sandbox of sandboxes) {
      const measured = await withGrid(sandbox, (grid, place) => {
        writeFileSync(join(place, "hello.py"), "print('hello')\n")
        return inTurn(withWarmSlot(rgrid(grid, place, ["run", "hello.py"])), command(python3, ["hello.py"], place), 15)
      })
      rows.push({ name: `whole-command ${sandbox}`, what: "`rgrid run hello.py` against python3", unit: "ms", ...measured })
    }
    return rows
  },
  profile: profileOfCommand
}
