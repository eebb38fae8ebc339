import type { RuntimeProvider } from "../../ports/RuntimeProvider.ts"

export const bash: RuntimeProvider = {
  language: "bash",
  endings: [".sh", ".bash"],
  programs: ["bash", "sh"],
  runtimes: [{ name: "bash", image: "debian:bookworm-slim", brings: "Debian's tools: awk, sed, grep, perl" }],
  environment: {},
  interpreter: () => ["bash"],
  // Bash reads as it runs: what stands before the error is done here, and so it is there.
  check: () => null
}
