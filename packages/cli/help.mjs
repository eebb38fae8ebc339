/** Writes what `rgrid --help` says beside the program, so that the bin can say it without loading the program. */
import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const said = (env) => {
  const { FORCE_COLOR: _force, NO_COLOR: _no, ...inherited } = process.env
  const program = fileURLToPath(new URL("dist/bin.cjs", import.meta.url))
  return execFileSync(process.execPath, [program, "--help"], { env: { ...inherited, ...env }, encoding: "utf8" })
}

const texts = { plain: said({ NO_COLOR: "1" }), colored: said({ FORCE_COLOR: "1" }) }
writeFileSync(new URL("dist/help.json", import.meta.url), JSON.stringify(texts))
