/** Runs every script here and on a grid, and says where they differ: npm run fidelity, or npm run fidelity -- <filter>. */
import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Case } from "./Case.ts"
import { cases } from "./cases.ts"
import { counts, page, table } from "./report.ts"
import { Session } from "./session.ts"
import { reason, type Verdict } from "./verdict.ts"

const filters = process.argv.slice(2)
const chosen = cases.filter(({ name }) => filters.length === 0 || filters.some((filter) => name.includes(filter)))
if (chosen.length === 0) {
  process.stderr.write(`No script's name has ${filters.join(" or ")} in it.\n`)
  process.exit(2)
}

const began = Date.now()
const session = await Session.open()
const verdicts = new Map<string, Verdict>()

const tell = (name: string, verdict: Verdict): void => {
  if (verdict.kind === "unexpected") process.stderr.write(`${name}: ${reason(verdict)}\n`)
}

const here = dirname(fileURLToPath(import.meta.url))
const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: here, encoding: "utf8" }).trim()
const about = `Last run of \`npm run fidelity\` at ${commit}, ${new Date().toISOString().slice(0, 10)}, Node ` +
  `${process.version}, Python ${session.version}. A run with a filter renews the rows of what it ran.`
const path = join(here, "RESULTS.md")
const keep = (): void => writeFileSync(path, page(path, about, cases.map(({ name }) => name), [...verdicts]))

/** Two at a time: a third would only wait for a core. */
const workThrough = async (queue: Array<Case>): Promise<void> => {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const verdict = await session.compare(next)
    verdicts.set(next.name, verdict)
    tell(next.name, verdict)
    keep()
  }
}

try {
  const queue = [...chosen]
  await Promise.all([workThrough(queue), workThrough(queue)])
} finally {
  await session.close()
}

const found = chosen.map(({ name }) => [name, verdicts.get(name)!] as const)
const seconds = Math.round((Date.now() - began) / 1000)
process.stdout.write(`${table(found)}\n\n${found.length} scripts in ${seconds} s: ${counts(found)}\n`)

process.exitCode = found.some(([, verdict]) => verdict.kind === "unexpected") ? 1 : 0
