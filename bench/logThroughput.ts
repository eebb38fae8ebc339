import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { rgridProgram } from "../e2e/harness.ts"
import type { Benchmark } from "./Benchmark.ts"
import { atLeast } from "./budget.ts"
import { environment, python3, sandboxes, withGrid } from "./grid.ts"
import { inTurn, type Row, runs, scaled, type Timing } from "./measure.ts"
import { processorTime } from "./processorTime.ts"

const megabytes = () => scaled(512)

/** Lines of 128 bytes, no two MB of them the same. */
const script = `import random, sys
draw = random.Random(1)
lines = [draw.randbytes(59).hex().encode() for _ in range(8192)]
for block in range(int(sys.argv[1])):
    head = b"%08d " % block
    sys.stdout.buffer.write(b"".join([head + line + b"\\n" for line in lines]))
`

interface Received {
  readonly sha256: string
  /** MB a second, from the first byte to the last. */
  readonly rate: number
}

const receive = (argv: ReadonlyArray<string>, cwd: string, env = process.env): Promise<Received> =>
  new Promise((resolve, reject) => {
    const child = spawn(argv[0]!, [...argv.slice(1), `${megabytes()}`], { cwd, env, stdio: ["ignore", "pipe", "inherit"] })
    const hash = createHash("sha256")
    const at = { first: Number.NaN, last: Number.NaN }
    let bytes = 0
    child.on("error", reject)
    child.stdout.on("data", (chunk: Buffer) => {
      at.last = performance.now()
      if (bytes === 0) at.first = at.last
      bytes += chunk.length
      hash.update(chunk)
    })
    child.on("close", () => resolve({ sha256: hash.digest("hex"), rate: bytes / 1000 / (at.last - at.first) }))
  })

const measureIn = async (argv: ReadonlyArray<string>, place: string, env: NodeJS.ProcessEnv) => {
  writeFileSync(join(place, "bulk.py"), script)
  const { sha256 } = await receive([python3, "bulk.py"], place)
  const checked = (argv: ReadonlyArray<string>, env?: NodeJS.ProcessEnv): Timing => async () => {
    const received = await receive(argv, place, env)
    if (received.sha256 !== sha256) throw new Error("what came is not what was printed")
    return received.rate
  }
  return inTurn(checked(argv, env), checked([python3, "bulk.py"]), runs)
}

/** Bulk output, container to the stdout of `rgrid run`, every byte checked. */
export const logThroughput: Benchmark = {
  name: "log-throughput",
  budget: atLeast(100)("at least 100 MB/s, every byte"),
  measure: async () => {
    const rows: Array<Row> = []
    for (const sandbox of sandboxes) {
      const measured = await withGrid(sandbox, (grid, place) =>
        measureIn([process.execPath, rgridProgram, "run", "bulk.py"], place, environment(grid)))
      const what = `${megabytes()} MB printed, to the pipe of rgrid run, against a local pipe`
      rows.push({ name: `log-throughput ${sandbox}`, what, unit: "MB/s", ...measured })
    }
    return rows
  },
  profile: processorTime(
    "log-throughput",
    (place) => writeFileSync(join(place, "bulk.py"), script),
    () => ["run", "bulk.py", `${megabytes()}`]
  )
}
