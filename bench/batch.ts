import { spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { hasDocker } from "../scripts/testing/docker.ts"
import { rgridProgram, TestGrid } from "../e2e/harness.ts"
import { command, inTurn, type Row, type Timing } from "./measure.ts"

const hasParallel = spawnSync("parallel", ["--version"], { stdio: "ignore" }).status === 0

const image = "python:3.11-slim"

const jobs = 2

/** As many a second as `count` in so many milliseconds. */
const rate = (timing: Timing, count: number): Timing => async () => (count * 1000) / await timing()

const withGrid = async <A>(sandbox: "docker" | "process", use: (grid: TestGrid, place: string) => Promise<A>): Promise<A> => {
  const grid = new TestGrid()
  try {
    await grid.up(sandbox)
    return await use(grid, grid.workplace())
  } finally {
    await grid.down()
  }
}

const rgrid = (grid: TestGrid, place: string, args: ReadonlyArray<string>): Timing =>
  command(process.execPath, [rgridProgram, ...args], place, { ...process.env, RGRID_HOME: grid.directory })

/** GNU parallel's notice would wait for a terminal. */
const parallel = (place: string, args: ReadonlyArray<string>): Timing => command("parallel", ["--will-cite", "--quote", ...args], place)

const throughput = (sandbox: "docker" | "process", count: number, reference: ReadonlyArray<string>, what: string) =>
  withGrid(sandbox, async (grid, place): Promise<Row> => {
    writeFileSync(join(place, "hello.py"), "import sys\nprint(sys.argv[1])\n")
    const ours = rgrid(grid, place, ["run", "hello.py", "--batch", `{1..${count}}`, "--parallel", String(jobs)])
    const theirs = parallel(place, [`-j${jobs}`, ...reference, "{}", ":::", ...Array.from({ length: count }, (_, i) => `${i + 1}`)])
    const measured = await inTurn(rate(ours, count), rate(theirs, count), 3)
    return { name: "batch", what, unit: "per second", ...measured }
  })

/** From the shell's spawn to the answer that all of it is durable, nothing to upload. */
const submit = () =>
  withGrid("process", async (grid, place): Promise<Row> => {
    writeFileSync(join(place, "sleep.py"), "import time\ntime.sleep(3600)\n")
    const ours = rgrid(grid, place, ["run", "sleep.py", "--detach", "--parallel", "1", "--batch", "{1..10000}"])
    const theirs = parallel(place, ["--dry-run", "python3", "sleep.py", "{}", ":::", ...Array.from({ length: 10_000 }, (_, i) => `${i + 1}`)])
    const measured = await inTurn(ours, theirs, 3)
    return { name: "submit", what: "10,000 items accepted against parallel --dry-run of them", unit: "ms", ...measured }
  })

/** A second batch over the same files sends nothing. */
const dedup = () =>
  withGrid("process", async (grid, place): Promise<Row> => {
    const [files, megabytes] = [32, 8]
    const write = () => {
      rmSync(join(place, "data"), { recursive: true, force: true })
      mkdirSync(join(place, "data"))
      for (let i = 0; i < files; i++) writeFileSync(join(place, `data/${i}.bin`), randomBytes(megabytes * 1024 * 1024))
    }
    writeFileSync(join(place, "size.py"), "import os, sys\nprint(os.path.getsize(sys.argv[1]))\n")
    const send = rgrid(grid, place, ["run", "size.py", "--detach", "--parallel", "1", "--batch", "data/*.bin"])
    const first: Timing = () => {
      write()
      return send()
    }
    const { ours, reference, runs } = await inTurn(first, send, 3)
    const what = `${files * megabytes} MB the grid has against the first time`
    return { name: "upload", what, unit: "ms", ours: reference, reference: ours, runs }
  })

/** Batches against GNU parallel; rows that need it are left out where it is not installed. */
export const batch = async (): Promise<ReadonlyArray<Row>> => {
  const rows: Array<Row> = []
  if (!hasParallel) process.stderr.write("GNU parallel is not installed: apt-get install parallel\n")
  else {
    if (hasDocker) {
      const docker = ["docker", "run", "--rm", image, "python3", "-c", "import sys; print(sys.argv[1])"]
      rows.push(await throughput("docker", 40, docker, "rgrid run --batch (docker) against parallel docker run"))
    }
    rows.push(await throughput("process", 200, ["python3", "hello.py"], "rgrid run --batch (process) against parallel, bare"))
    rows.push(await submit())
  }
  rows.push(await dedup())
  return rows
}
