import { fileURLToPath } from "node:url"
import { defineConfig, type UserConfig } from "tsdown"
import { bundled } from "../../scripts/bundled.ts"

const source = (name: string): string => fileURLToPath(new URL(`src/${name}`, import.meta.url))

/** Modules that the entry loads at once. */
const hot = new Set<string>()

interface Graph {
  readonly getModuleInfo: (id: string) => { readonly importedIds: ReadonlyArray<string> } | null
  readonly getModuleIds: () => Iterable<string>
}

/** Split by who shares what, they would be twenty files: each costs as much to open as to read. */
const hotTogether = {
  name: "hot-together",
  buildEnd(this: Graph) {
    const open = [...this.getModuleIds()].filter((id) => id.endsWith("/cli/src/bin.ts"))
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (hot.has(id)) continue
      hot.add(id)
      open.push(...this.getModuleInfo(id)?.importedIds ?? [])
    }
  }
}

const own = { neverBundle: [/^@rgrid\//], alwaysBundle: [/^(?!@rgrid\/|node:)/] }

/** What a person starts. */
const command = (entry: string, plugins: UserConfig["plugins"] = []): UserConfig => ({
  ...bundled(entry, plugins),
  // As a script its machine code can be kept (rgrid/bin/compiled.js); a module's can't.
  format: "cjs",
  inputOptions: {
    transform: {
      define: { "import.meta.env": "undefined" },
      inject: {
        FormData: [source("noForms.ts"), "NoForms"],
        "Intl.Segmenter": [source("lazySegmenter.ts"), "LazySegmenter"]
      }
    }
  },
  deps: own
})

export const program: UserConfig = {
  ...command("src/bin.ts", [hotTogether]),
  outputOptions: { codeSplitting: { groups: [{ name: "rgrid", test: (id: string) => hot.has(id) }] } }
}

/** What it alone needs of Effect's modules would else be loaded by every command. */
const mcp: UserConfig = { ...command("src/mcp/server.ts"), entry: { mcp: "src/mcp/server.ts" }, clean: false }

/** Loads a server or a runner, which are bundles of their own. */
const part: UserConfig = {
  ...bundled("src/part/main.ts"),
  entry: { part: "src/part/main.ts" },
  clean: false,
  deps: own
}

export default defineConfig([program, mcp, part])
