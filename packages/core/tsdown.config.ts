import { defineConfig } from "tsdown"

// One file for each module: what is imported by its own path is all that is loaded.
export default defineConfig({
  entry: [
    "src/index.ts",
    "src/effect.ts",
    "src/effectTesting.ts",
    "src/{domain,ports,runtimes,grid,api,client,testing}/**/*.ts"
  ],
  unbundle: true,
  root: "src",
  format: "esm",
  dts: true,
  platform: "node",
  target: "node22.19",
  fixedExtension: false,
  // The contracts in testing/ are for vitest, which whoever runs them brings.
  deps: { neverBundle: ["vitest", "@effect/vitest"] }
})
