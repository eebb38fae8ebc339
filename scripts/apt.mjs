/** Programs that tests run with and that Debian and Ubuntu bring. */
import { spawnSync } from "node:child_process"
import { createInterface } from "node:readline/promises"

export const installed = (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0
export const isRoot = process.getuid?.() === 0

/** Whether programs can be installed here at all. */
export const canInstall = () => isRoot && installed("apt-get")

/** Asks only where a person can answer. */
export const agrees = async (question) => {
  if (!process.stdin.isTTY || process.env.CI) return true
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^(y|yes|)$/i.test((await terminal.question(`${question} [Y/n] `)).trim())
  } finally {
    terminal.close()
  }
}

export const install = (...packages) => {
  process.stderr.write(`Installing ${packages.join(", ")}…\n`)
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", ...packages]]) {
    const { error, status, stderr, stdout } = spawnSync("apt-get", ["-qq", ...args], { env, encoding: "utf8" })
    if (status !== 0) throw new Error(`apt-get ${args[0]} failed: ${error?.message ?? `${stdout}${stderr}`.trim().slice(-1000)}`)
  }
}

/** What tests drive terminals, completions and examples with. Without one its tests are skipped, and counted so. */
const optional = ["tmux", "zsh", "fish", "jq", "ruby"]

export const installOptional = async () => {
  const missing = optional.filter((program) => !installed(program))
  if (missing.length === 0 || !canInstall()) return
  if (!await agrees(`Some tests need ${missing.join(", ")}. Install with apt-get?`)) return
  try {
    install(...missing)
  } catch (error) {
    process.stderr.write(`Their tests are skipped: ${error.message}\n`)
  }
}
