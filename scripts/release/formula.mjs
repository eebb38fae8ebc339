/** The Homebrew formula of a release: `node formula.mjs VERSION SHA256SUMS FILE`. That of a higher version stays. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"

const [version, sums, file] = process.argv.slice(2)
if (!/^\d+\.\d+\.\d+$/.test(version ?? "")) throw new Error(`${version} is no version that is released`)

const sumOf = new Map(
  readFileSync(sums, "utf8").trim().split("\n").map((line) => line.split(/\s+\*?/)).map(([sum, file]) => [file, sum])
)

const values = (name) => {
  if (name === "version") return version
  const file = `rgrid-${name.replace("sha256_", "").replace("_", "-")}.tar.gz`
  const sum = sumOf.get(file)
  if (!/^[0-9a-f]{64}$/.test(sum ?? "")) throw new Error(`${sums} has no sum of ${file}`)
  return sum
}

const template = readFileSync(new URL("../../packaging/homebrew/rgrid.rb.template", import.meta.url), "utf8")
const formula = template.replace(/\{\{(\w+)\}\}/g, (_, name) => values(name))

const present = existsSync(file) ? /^ *version "([\d.]+)"$/m.exec(readFileSync(file, "utf8"))?.[1] : undefined
// It was approved late, and must not be taken for the newest.
if (present !== undefined && present.localeCompare(version, "en", { numeric: true }) > 0) {
  console.log(`the formula of ${present} is there already`)
} else {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, formula)
}
