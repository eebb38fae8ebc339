import { defineConfig } from "tsdown"
import { program } from "./tsdown.config.ts"

/** One file for an executable that is one file (scripts/sea). */
export default defineConfig({
  ...program,
  entry: { rgrid: "src/bin.ts" },
  outDir: "../../dist-sea/bundle",
  outputOptions: { codeSplitting: false }
})
