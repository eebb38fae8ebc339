/** Programs that tests run with and that Debian and Ubuntu bring. */
import { spawnSync } from "node:child_process"
import { createInterface } from "node:readline/promises"

export const installed = (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0
export const isRoot = process.getuid?.() === 0

/** What comes before a command that root has to give; null where none can. People are not asked for what sudo wants of them. */
const asRoot = () => {
  if (isRoot) return []
  return process.env.CI && spawnSync("sudo", ["-n", "true"]).status === 0 ? ["sudo", "-n"] : null
}

/** Whether programs can be installed here at all. */
export const canInstall = () => asRoot() !== null && installed("apt-get")

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
  const [program, ...first] = [...asRoot(), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", ...packages]]) {
    const { error, status, stderr, stdout } = spawnSync(program, [...first, ...args], { encoding: "utf8" })
    if (status !== 0) throw new Error(`apt-get ${args[0]} failed: ${error?.message ?? `${stdout}${stderr}`.trim().slice(-1000)}`)
  }
}

/** What tests drive terminals, completions and examples with. */
const optional = ["tmux", "zsh", "fish", "jq", "ruby"]

export const installOptional = async () => {
  const missing = optional.filter((program) => !installed(program))
  if (missing.length === 0) return
  const needed = missing.join(", ")
  if (!canInstall()) throw new Error(`${needed} can be installed only by root on Debian or Ubuntu`)
  if (!await agrees(`Some tests need ${needed}. Install with apt-get?`)) throw new Error(`${needed} was not to be installed`)
  install(...missing)
}
