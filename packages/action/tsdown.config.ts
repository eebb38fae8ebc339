import { defineConfig } from "tsdown"
import { licenses } from "../../scripts/licenses.ts"

/** @actions/core brings an HTTP client, and with it all of undici, for tokens that are never asked for here: 680 KB. */
const withoutHttp = {
  name: "without-http",
  resolveId: (id: string) => id.startsWith("@actions/http-client") ? "\0no-http-client" : null,
  load: (id: string) => id === "\0no-http-client" ? "export const HttpClient = null, BearerCredentialHandler = null" : null
}

// One file, as GitHub runs it: nothing is installed there. Not minified, so that it can be read before it is trusted.
export default defineConfig({
  entry: ["src/index.ts"],
  format: "esm",
  dts: false,
  platform: "node",
  target: "node24",
  fixedExtension: false,
  plugins: [withoutHttp, licenses],
  inputOptions: {
    // From the sources of the core, not from what was built of them last.
    resolve: { conditionNames: ["rgrid-src", "node", "import", "default"] },
    transform: { define: { "import.meta.env": "undefined" } }
  },
  outputOptions: { codeSplitting: false },
  deps: { alwaysBundle: [/^(?!node:)/], onlyBundle: false }
})
