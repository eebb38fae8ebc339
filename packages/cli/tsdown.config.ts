import { builtinModules } from "node:module"
import { fileURLToPath } from "node:url"
import { defineConfig } from "tsdown"

const source = (name: string): string => fileURLToPath(new URL(`src/${name}`, import.meta.url))

/**
 * Importing a builtin makes an ES module of it, which reads every export, and with the lazy ones of `node:http` and
 * `node:crypto` loads undici and WebCrypto: 25 ms. Asked for by name it is only itself.
 */
const builtinsAlone = {
  name: "builtins-alone",
  // The bundler's own beginning needs `node:module`.
  resolveId: (id: string) =>
    id !== "node:module" && id.startsWith("node:") && builtinModules.includes(id.slice(5)) ? `\0${id}` : null,
  load: (id: string) => {
    if (!id.startsWith("\0node:")) return null
    const name = id.slice(1)
    const plain = Object.entries(Object.getOwnPropertyDescriptors(process.getBuiltinModule(name)))
      .flatMap(([key, { get }]) => get === undefined && /^[a-zA-Z]\w*$/.test(key) && key !== "default" ? [key] : [])
    // The file system's promises are behind a getter too, and everybody's.
    const names = name === "node:fs" ? [...plain, "promises"] : plain
    return [
      `const builtin = process.getBuiltinModule("${name}")`,
      `export const { ${names.join(", ")} } = builtin`,
      "export default builtin"
    ].join("\n")
  }
}

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

// One bundled, minified program starts five times as fast as its modules. Server and runner are loaded when asked for.
export default defineConfig({
  entry: ["src/bin.ts"],
  // As a script its machine code can be kept (rgrid/bin/compiled.js); a module's can't.
  format: "cjs",
  dts: false,
  platform: "node",
  target: "node22.19",
  fixedExtension: false,
  minify: true,
  plugins: [builtinsAlone, hotTogether],
  inputOptions: {
    transform: {
      define: { "import.meta.env": "undefined" },
      inject: {
        FormData: [source("noForms.ts"), "NoForms"],
        "Intl.Segmenter": [source("lazySegmenter.ts"), "LazySegmenter"]
      }
    }
  },
  outputOptions: { codeSplitting: { groups: [{ name: "rgrid", test: (id: string) => hot.has(id) }] } },
  deps: { neverBundle: [/^@rgrid\/(server|runner)$/], alwaysBundle: [/^(?!@rgrid\/(server|runner)$|node:)/] }
})
