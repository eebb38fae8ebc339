import type { RuntimeProvider } from "../../ports/RuntimeProvider.ts"

/**
 * `bash -n` obeys no command: with `shopt -s extglob` or an alias it takes good lines for bad ones, and what follows an
 * `exit` or `exec` (the archive in a self-extracting script) is never read by bash itself.
 */
const obeyed = /\b(?:shopt|alias|eval)\b|^\s*(?:exit|exec)\b/m

export const bash: RuntimeProvider = {
  language: "bash",
  endings: [".sh", ".bash"],
  programs: ["bash", "sh"],
  runtimes: [{ name: "bash", image: "debian:bookworm-slim", brings: "Debian's tools: awk, sed, grep, perl" }],
  environment: {},
  interpreter: () => ["bash"],
  check: (_here, { path }, runtime) =>
    runtime === "bash"
      // As it was typed: bash names the script so.
      ? { programs: ["bash"], args: ["-n", "--", path], rejects: 2, exitCode: 2, needless: (text) => obeyed.test(text) }
      : null
}
