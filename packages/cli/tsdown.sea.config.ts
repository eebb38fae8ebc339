import { fileURLToPath } from "node:url"
import { defineConfig } from "tsdown"
import { program } from "./tsdown.config.ts"

/** One file for an executable that is one file (scripts/sea): it has no other bundle beside it to load. */
export default defineConfig({
  ...program,
  entry: { rgrid: "src/bin.ts" },
  outDir: "../../dist-sea/bundle",
  outputOptions: { codeSplitting: false },
  alias: { "@rgrid/cli/mcp": fileURLToPath(new URL("src/mcp/server.ts", import.meta.url)) },
  deps: { alwaysBundle: [/^(?!node:)/] }
})
