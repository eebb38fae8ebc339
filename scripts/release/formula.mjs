/** The Homebrew formula of a release: `node formula.mjs VERSION SHA256SUMS > rgrid.rb`. */
import { readFileSync } from "node:fs"

const [version, sums] = process.argv.slice(2)
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
process.stdout.write(template.replace(/\{\{(\w+)\}\}/g, (_, name) => values(name)))
