/** Measured rows, as they are printed and kept. */
import { type Budget, isMet } from "./budget.ts"
import type { Benchmark } from "./Benchmark.ts"
import type { Row } from "./measure.ts"

/** A row with the budget that holds for it. */
export interface Measured extends Row {
  readonly benchmark: string
  readonly budget: Budget | null
}

export const measuredOf = (benchmark: Benchmark, row: Row): Measured => ({
  ...row,
  benchmark: benchmark.name,
  budget: row.budget === undefined ? benchmark.budget : row.budget
})

export const ratioOf = ({ ours, reference }: Row): number | null => (reference === null ? null : ours / reference)

export const metOf = ({ budget, ours, reference }: Measured): boolean | null =>
  budget === null ? null : isMet(budget, ours, reference)

export const round = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2))

const met = (measured: Measured): string => {
  const is = metOf(measured)
  return is === null ? "" : is ? "met" : "**not met**"
}

const cells = (measured: Measured): ReadonlyArray<string> => {
  const ratio = ratioOf(measured)
  const { budget, name, ours, reference, runs, unit, what } = measured
  const against = reference === null ? "" : round(reference)
  return [name, what, round(ours), against, unit, ratio === null ? "" : ratio.toFixed(2), budget?.sentence ?? "", met(measured), `${runs}`]
}

export const tableOf = (header: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [header, header.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n")

export const table = (measured: ReadonlyArray<Measured>): string =>
  tableOf(["row", "what", "RGrid", "reference", "unit", "ratio", "budget", "", "runs"], measured.map(cells))

export const budgets = (benchmarks: ReadonlyArray<Benchmark>): string => {
  const longest = Math.max(...benchmarks.map(({ name }) => name.length))
  return benchmarks.map(({ budget, name }) => `${name.padEnd(longest)}  ${budget?.sentence ?? "no budget"}\n`).join("")
}

/** How to measure each again. */
export const commands = (measured: ReadonlyArray<Measured>): string =>
  tableOf(["row", "again"], measured.map(({ benchmark, name }) => [name, `\`npm run bench -- ${benchmark}\``]))
