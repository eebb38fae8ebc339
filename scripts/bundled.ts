/** How the programs are bundled: the command line, the server and the runner. */
import { builtinModules } from "node:module"
import type { UserConfig } from "tsdown"
import { licenses } from "./licenses.ts"

/**
 * Importing a builtin makes an ES module of it, which reads every export, and with the lazy ones of `node:http` and
 * `node:crypto` loads undici and WebCrypto: 25 ms. Asked for by name it is only itself.
 */
const builtinsAlone = {
  name: "builtins-alone",
  // The bundler's own beginning needs `node:module`; what is required is only itself anyway.
  resolveId: (id: string, _importer: string | undefined, { kind }: { readonly kind: string }) =>
    kind !== "require-call" && id !== "node:module" && id.startsWith("node:") && builtinModules.includes(id.slice(5))
      ? `\0${id}`
      : null,
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

const escaped = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`

/** One letter beyond Latin-1 makes V8 hold a file with two bytes a letter. */
const latin = {
  name: "latin",
  generateBundle: (_options: unknown, bundle: Readonly<Record<string, { code?: string }>>) => {
    for (const file of Object.values(bundle)) {
      if (file.code === undefined) continue
      file.code = file.code.replace(/[^ -~\s]|[\u2028\u2029\ufeff\u00a0]/g, escaped)
    }
  }
}

const ours = { format: "esm", platform: "node", target: "node22.19", fixedExtension: false } as const

/** A minified program with all that it imports: it starts five times as fast as its modules and weighs a third. */
export const bundled = (entry: string, plugins: NonNullable<UserConfig["plugins"]> = []): UserConfig => ({
  ...ours,
  entry: [entry],
  dts: false,
  minify: true,
  plugins: [builtinsAlone, plugins, latin, licenses],
  deps: { alwaysBundle: [/^(?!node:)/] }
})
