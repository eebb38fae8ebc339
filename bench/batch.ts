/** Many one-line scripts, against GNU parallel. */
import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { rgridProgram } from "../e2e/harness.ts"
import type { Benchmark } from "./Benchmark.ts"
import { atLeastTimes } from "./budget.ts"
import { fastest, hasParallel, image, noDocker, noParallel, parallel, python3, rgrid, type Sandbox, sandboxes, withGrid } from "./grid.ts"
import { inTurn, rate, type Row, runs, scaled } from "./measure.ts"
import { processorTime } from "./processorTime.ts"

const jobs = 2

const line = "import sys; print(sys.argv[1])"

interface Many {
  readonly name: string
  readonly what: string
  readonly sandbox: Sandbox
  /** Of one measurement of ours, and of the reference. */
  readonly count: number
  readonly referenceCount: number
  readonly flags: ReadonlyArray<string>
  readonly reference: ReadonlyArray<string>
}

const throughput = ({ count, flags, name, reference, referenceCount, sandbox, what }: Many): Promise<ReadonlyArray<Row>> =>
  withGrid(sandbox, async (grid, place) => {
    writeFileSync(join(place, "line.py"), `${line}\n`)
    const items = Array.from({ length: referenceCount }, (_, i) => `${i + 1}`)
    const ours = rgrid(grid, place, ["run", "line.py", ...flags, "--batch", `{1..${count}}`, "--parallel", `${jobs}`])
    const theirs = parallel(place, [`-j${jobs}`, ...reference, "{}", ":::", ...items])
    const measured = await inTurn(rate(ours, count), rate(theirs, referenceCount), runs)
    return [{ name, what: `${count} scripts, ${what}`, unit: "per second", ...measured }]
  })

/** What keeps these from being measured here. */
const missing = (sandbox: Sandbox): string | null =>
  !hasParallel ? noParallel : sandboxes.includes(sandbox) ? null : noDocker

const againstParallel = (
  many: Omit<Many, "count" | "referenceCount">,
  count: () => number,
  referenceCount = count
): Benchmark["measure"] =>
async (leaveOut) => {
  const why = missing(many.sandbox)
  if (why === null) return throughput({ ...many, count: count(), referenceCount: referenceCount() })
  leaveOut(why)
  return []
}

const thousand = () => scaled(1000)

/** Each is a `docker run` of its own, the last as fast as the first: a thousand a round would take most of an hour. */
const hundred = () => scaled(100)

const eachInOne = (sandbox: Sandbox): Benchmark["measure"] =>
  againstParallel({
    name: `containers ${sandbox}`,
    what: `a container each (${sandbox}), against \`parallel docker run\``,
    sandbox,
    flags: [],
    reference: ["docker", "run", "--rm", image, "python3", "-c", line]
  }, thousand, hundred)

const driven = atLeastTimes(10)("at least 10 × GNU parallel with `docker run`")

export const containers: Benchmark = {
  name: "containers",
  budget: atLeastTimes(2)("at least 2 × GNU parallel with `docker run`; 10 × where crun or runc is driven directly"),
  measure: async (leaveOut) => [
    ...await eachInOne("docker")(leaveOut),
    ...(await eachInOne("oci")(leaveOut)).map((row) => ({ ...row, budget: driven }))
  ],
  profile: processorTime(
    "containers",
    (place) => writeFileSync(join(place, "line.py"), `${line}\n`),
    () => ["run", "line.py", "--batch", `{1..${scaled(200)}}`, "--parallel", `${jobs}`]
  )
}

const knowsIsolation = (): boolean =>
  spawnSync(process.execPath, [rgridProgram, "run", "--help"], { encoding: "utf8" }).stdout.includes("--isolation")

export const batchSlots: Benchmark = {
  name: "batch-slots",
  budget: atLeastTimes(1)("at least GNU parallel, bare"),
  measure: async (leaveOut) => {
    if (knowsIsolation()) return bare(leaveOut)
    leaveOut("this `rgrid run` has no --isolation")
    return []
  },
  profile: processorTime(
    "batch-slots",
    (place) => writeFileSync(join(place, "line.py"), `${line}\n`),
    () => ["run", "line.py", "--batch", `{1..${thousand()}}`, "--parallel", `${jobs}`, "--isolation", "batch"]
  )
}

const bare = againstParallel({
  name: "batch-slots",
  what: `--isolation batch (${fastest}), against \`parallel python3\``,
  sandbox: fastest,
  flags: ["--isolation", "batch"],
  reference: [python3, "line.py"]
}, thousand)

/** A batch of plain processes: what the grid itself takes of each. */
export const processBatch: Benchmark = {
  name: "process-batch",
  budget: null,
  measure: againstParallel({
    name: "process-batch",
    what: "a process each, against `parallel python3`",
    sandbox: "process",
    flags: [],
    reference: [python3, "line.py"]
  }, () => scaled(200))
}
