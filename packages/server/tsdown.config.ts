import { defineConfig } from "tsdown"

// Dependencies stay outside, shared with the rest of the program.
export default defineConfig({
  entry: ["src/main.ts"],
  format: "esm",
  dts: true,
  sourcemap: true,
  platform: "node",
  target: "node22.19",
  fixedExtension: false
})
