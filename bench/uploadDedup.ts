import { randomBytes } from "node:crypto"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Benchmark } from "./Benchmark.ts"
import { rgrid, withGrid } from "./grid.ts"
import { inTurn, runs, type Timing } from "./measure.ts"

const files = 32
const megabytes = 8

const fill = (place: string) => {
  rmSync(join(place, "data"), { recursive: true, force: true })
  mkdirSync(join(place, "data"))
  for (let i = 0; i < files; i++) writeFileSync(join(place, `data/${i}.bin`), randomBytes(megabytes * 1024 * 1024))
}

/** A second batch over the same files sends nothing. */
export const uploadDedup: Benchmark = {
  name: "upload-dedup",
  budget: null,
  measure: () =>
    withGrid("process", async (grid, place) => {
      writeFileSync(join(place, "size.py"), "import os, sys\nprint(os.path.getsize(sys.argv[1]))\n")
      const send = rgrid(grid, place, ["run", "size.py", "--detach", "--parallel", "1", "--batch", "data/*.bin"])
      const first: Timing = () => {
        fill(place)
        return send()
      }
      // Theirs is the first time here, and has to come before ours.
      const { ours: reference, reference: ours } = await inTurn(first, send, runs)
      const what = `${files * megabytes} MB the grid has, against the first time`
      return [{ name: "upload-dedup", what, unit: "ms", ours, reference, runs }]
    })
}
