/** Measures the rows and writes RESULTS.md. */
import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { cpus } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { batch } from "./batch.ts"
import { coldSlot } from "./coldSlot.ts"
import { firstLine } from "./firstLine.ts"
import type { Row } from "./measure.ts"
import { queue } from "./queue.ts"
import { wholeCommand } from "./wholeCommand.ts"

const rows: Readonly<Record<string, () => Promise<ReadonlyArray<Row>>>> = { wholeCommand, firstLine, coldSlot, queue, batch }

const round = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(1))

const line = ({ name, ours, reference, runs, unit, what }: Row): string =>
  `| ${name} | ${what} | ${round(ours)} | ${round(reference)} | ${unit} | ${(ours / reference).toFixed(2)} | ${runs} |`

const table = (measured: ReadonlyArray<Row>): string =>
  [
    "| row | RGrid against reference | RGrid | reference | unit | ratio | runs |",
    "|---|---|---|---|---|---|---|",
    ...measured.map(line)
  ].join("\n")

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in rows))
if (unknown.length > 0) {
  process.stderr.write(`There is no row ${unknown.join(", ")}; there are ${Object.keys(rows).join(", ")}.\n`)
  process.exit(2)
}

const measured: Array<Row> = []
for (const name of asked.length > 0 ? asked : Object.keys(rows)) {
  process.stderr.write(`measuring ${name}…\n`)
  measured.push(...await rows[name]!())
}
process.stdout.write(`${table(measured)}\n`)

if (asked.length === 0) {
  const here = dirname(fileURLToPath(import.meta.url))
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: here, encoding: "utf8" }).trim()
  const header = [
    "# Results",
    "",
    `One run of \`npm run bench\` at ${commit}, ${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, Node ${process.version}.`,
    "Medians; ours and the reference in turn. No budget has to be met yet; the budgets stand in the design.",
    "",
    table(measured),
    ""
  ]
  writeFileSync(join(here, "RESULTS.md"), header.join("\n"))
}
