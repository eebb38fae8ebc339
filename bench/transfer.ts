import { spawn } from "node:child_process"
import { closeSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs"
import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { rgridProgram, type TestGrid } from "../e2e/harness.ts"
import type { Benchmark } from "./Benchmark.ts"
import { atMostTimes } from "./budget.ts"
import { environment, usual, withGrid } from "./grid.ts"
import { command, inTurn, type Row, runs, scaled, type Timing } from "./measure.ts"
import { forgetPeak, peakMegabytes } from "./proc.ts"
import { processorTime } from "./processorTime.ts"

const megabytes = () => scaled(1000)

/** The grid has never seen a byte of it. */
const makeInput = (path: string) => {
  const file = openSync(path, "w")
  const block = randomBytes(1_000_000)
  for (let i = 0; i < megabytes(); i++) {
    block.writeUInt32LE(i)
    writeSync(file, block)
  }
  closeSync(file)
}

const size = "import os, sys\nprint(0)\nassert os.path.getsize(sys.argv[1]) > 0\n"

/** Tells how long it took itself, which is not the grid's to answer for. */
const make = `import os, sys, time
began = time.monotonic()
block = bytearray(os.urandom(1_000_000))
with open("out.bin", "wb") as out:
    for i in range(int(sys.argv[1])):
        block[0:4] = i.to_bytes(4, "little")
        out.write(block)
print((time.monotonic() - began) * 1000)
`

interface Peaks {
  client: number
  server: number
  runner: number
}

/** A whole `rgrid run`, without what the script says it took itself; the peaks of memory meanwhile. */
const run = (grid: TestGrid, place: string, peaks: Peaks, args: ReadonlyArray<string>): Promise<number> =>
  new Promise((resolve, reject) => {
    forgetPeak(grid.server())
    forgetPeak(grid.runner())
    const start = performance.now()
    const argv = [rgridProgram, "run", ...args]
    const child = spawn(process.execPath, argv, { cwd: place, env: environment(grid), stdio: ["ignore", "pipe", "inherit"] })
    const watch = setInterval(() => (peaks.client = Math.max(peaks.client, peakMegabytes(child.pid!))), 50)
    let own = ""
    child.stdout.on("data", (chunk: Buffer) => (own += chunk.toString()))
    child.on("error", reject)
    child.on("close", (code) => {
      const taken = performance.now() - start
      clearInterval(watch)
      peaks.server = Math.max(peaks.server, peakMegabytes(grid.server()))
      peaks.runner = Math.max(peaks.runner, peakMegabytes(grid.runner()))
      if (code === 0) resolve(taken - Number(own))
      else reject(new Error(`rgrid run exited with ${code}`))
    })
  })

/** `cp`, and reading the copy once more for its hash. */
const copied = (place: string, file: string): Timing => {
  const copy = command("sh", ["-c", 'cp "$0" copy.bin && sha256sum copy.bin', file], place)
  return async () => {
    const taken = await copy()
    rmSync(join(place, "copy.bin"))
    return taken
  }
}

const there = async (grid: TestGrid, place: string, peaks: Peaks): Promise<Row> => {
  writeFileSync(join(place, "size.py"), size)
  const ours = () => {
    makeInput(join(place, "in.bin"))
    return run(grid, place, peaks, ["size.py", "in.bin"])
  }
  const measured = await inTurn(ours, copied(place, "in.bin"), runs)
  return { name: "transfer in", what: `a new input of ${megabytes()} MB, against cp and sha256sum`, unit: "ms", ...measured }
}

const back = async (grid: TestGrid, place: string, peaks: Peaks): Promise<Row> => {
  writeFileSync(join(place, "make.py"), make)
  const ours = () => {
    rmSync(join(place, "out.bin"), { force: true })
    return run(grid, place, peaks, ["make.py", `${megabytes()}`])
  }
  const measured = await inTurn(ours, copied(place, "out.bin"), runs)
  return { name: "transfer out", what: `an output of ${megabytes()} MB, against cp and sha256sum`, unit: "ms", ...measured }
}

const profileThere = processorTime("transfer in", (place) => {
  makeInput(join(place, "in.bin"))
  writeFileSync(join(place, "size.py"), size)
}, () => ["run", "size.py", "in.bin"])

const profileBack = processorTime("transfer out", (place) => {
  rmSync(join(place, "out.bin"), { force: true })
  writeFileSync(join(place, "make.py"), make)
}, () => ["run", "make.py", `${megabytes()}`])

/** Half as fast as copying and hashing once, both ways; and what memory it takes. */
export const transfer: Benchmark = {
  name: "transfer",
  budget: atMostTimes(2)("at least half as fast"),
  measure: () =>
    withGrid(usual, async (grid, place) => {
      const peaks: Peaks = { client: 0, server: 0, runner: 0 }
      const rows = [await there(grid, place, peaks), await back(grid, place, peaks)]
      const memory = (Object.entries(peaks) as ReadonlyArray<[keyof Peaks, number]>).map(([who, ours]): Row => ({
        name: `transfer memory ${who}`,
        what: `peak of the ${who} meanwhile`,
        unit: "MB",
        ours,
        reference: null,
        runs: 2 * (runs + 1),
        budget: null
      }))
      return [...rows, ...memory]
    }),
  profile: async () => `${await profileThere()}\n${await profileBack()}`
}
