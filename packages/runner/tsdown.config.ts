import { defineConfig } from "tsdown"

// Dependencies stay outside: dockerode can not be bundled.
export default defineConfig({
  entry: ["src/main.ts"],
  format: "esm",
  dts: true,
  sourcemap: true,
  platform: "node",
  target: "node22.19",
  fixedExtension: false
})
