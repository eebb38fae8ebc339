import { defineConfig } from "tsdown"

// One bundled, minified program starts five times as fast as its modules. Server and runner are loaded when asked for.
export default defineConfig({
  entry: ["src/bin.ts"],
  format: "esm",
  dts: false,
  platform: "node",
  target: "node22.19",
  fixedExtension: false,
  minify: true,
  deps: { neverBundle: [/^@rgrid\/(server|runner)$/], alwaysBundle: [/^(?!@rgrid\/(server|runner)$|node:)/] }
})
