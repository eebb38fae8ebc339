import type { RuntimeProvider } from "../../ports/RuntimeProvider.ts"

export const ruby: RuntimeProvider = {
  language: "ruby",
  endings: [".rb"],
  programs: ["ruby"],
  runtimes: [{ name: "ruby:3.3", image: "ruby:3.3-slim", brings: "" }],
  environment: {},
  interpreter: () => ["ruby"],
  check: () => null
}
