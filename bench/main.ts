/** Measures the rows; a run of all of them is recorded. */
import { parseArgs } from "node:util"
import type { Benchmark } from "./Benchmark.ts"
import { benchmarks } from "./benchmarks.ts"
import { record, recordProfiles } from "./record.ts"
import { budgets, type Measured, measuredOf, table } from "./report.ts"

const fail = (sentence: string): never => {
  process.stderr.write(`${sentence}\n`)
  process.exit(2)
}

const find = (names: ReadonlyArray<string>, among: ReadonlyArray<Benchmark>): ReadonlyArray<Benchmark> => {
  const unknown = names.filter((name) => !among.some((benchmark) => benchmark.name === name))
  if (unknown.length > 0) {
    fail(`There is no row ${unknown.join(", ")}; there are ${among.map(({ name }) => name).join(", ")}.`)
  }
  return among.filter(({ name }) => names.includes(name))
}

/** One that fails must not cost what the others took. */
const measure = async (asked: ReadonlyArray<Benchmark>) => {
  const measured: Array<Measured> = []
  const left: Array<string> = []
  for (const benchmark of asked) {
    process.stderr.write(`measuring ${benchmark.name}…\n`)
    const leaveOut = (why: string) => void left.push(`${benchmark.name}: ${why}`)
    try {
      for (const row of await benchmark.measure(leaveOut)) measured.push(measuredOf(benchmark, row))
    } catch (error) {
      leaveOut(`failed, ${String(error)}`)
      process.exitCode = 1
    }
  }
  return { measured, left }
}

const { positionals: names, values } = parseArgs({
  allowPositionals: true,
  options: { list: { type: "boolean" }, profile: { type: "boolean" } }
})

if (values.list) process.stdout.write(budgets(benchmarks))
else if (values.profile) {
  const profiled = benchmarks.filter(({ profile }) => profile !== undefined)
  const asked = names.length > 0 ? find(names, profiled) : profiled
  const profiles: Array<string> = []
  for (const { profile } of asked) profiles.push(await profile!())
  process.stdout.write(profiles.join("\n"))
  if (names.length === 0) recordProfiles(profiles)
} else {
  const asked = names.length > 0 ? find(names, benchmarks) : benchmarks
  const { left, measured } = await measure(asked)
  process.stdout.write(`${table(measured)}\n`)
  for (const line of left) process.stdout.write(`left out: ${line}\n`)
  if (names.length === 0) record(measured, left)
}
