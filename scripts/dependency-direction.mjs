/** Who may import whom (docs/architecture.md). Cycles are oxlint's import/no-cycle. */
import { globSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

/** Folders of core: each may import itself and these. Files beside the folders export what is public and may import all. */
const folders = {
  domain: [],
  ports: ["domain"],
  runtimes: ["domain", "ports"],
  grid: ["domain", "ports"],
  api: ["domain"],
  client: ["domain", "api", "runtimes", "ports"],
  sdk: ["domain", "api", "client"],
  testing: ["domain", "ports", "grid"]
}

/** Packages of ours that a package may import; `lazily`: only with `import()`, so that a command loads what it needs. */
const packages = {
  core: { may: [] },
  server: { may: ["rgrid"] },
  runner: { may: ["rgrid"] },
  cli: { may: ["rgrid"], lazily: ["@rgrid/server", "@rgrid/runner"] },
  action: { may: ["rgrid"] }
}

/** Adapters that stand on another: Docker keeps the images and networks of containers that others start. */
const standsOn = { "packages/runner/src/adapters/oci": "packages/runner/src/adapters/docker" }

/** Modules that have one home each. */
const homes = [
  { module: /^effect\/http-api\//, in: /^packages\/(core\/src\/(api|client)|server\/src\/http|runner\/src\/attempt)\//, what: "the HTTP contract" },
  { module: /^(effect\/sql\/|@effect\/sql-)/, in: /^packages\/server\/src\/adapters\/postgres\//, what: "SQL" },
  { module: /^effect\/cli\//, in: /^packages\/cli\//, what: "the command line" }
]

/** Also `export … from` and `import()`; an import of types alone is told apart, since it is gone at run time. */
const imports = (text) => {
  const statements = /^(?:import|export)\s+(type\s)?(?:[\w*{][^"';]*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm
  return [...text.matchAll(statements)].map(([, type, named, lazy]) => ({
    module: named ?? lazy,
    typeOnly: type !== undefined,
    lazy: lazy !== undefined
  }))
}

const ours = (module) => /^(rgrid|@rgrid\/[^/]+)(\/|$)/.exec(module)?.[1]
const folderOf = (path) => /^packages\/core\/src\/([^/]+)\//.exec(path)?.[1]
const adapterOf = (path) => /^(packages\/[^/]+\/src\/adapters\/[^/]+)\//.exec(path)?.[1]

/** Why `file` may not have this import; undefined when it may. */
const refusal = (file, { lazy, module, typeOnly }) => {
  const [, name] = file.split("/")
  const { lazily = [], may } = packages[name] ?? { may: [] }
  const other = ours(module)
  // A package may name itself, as `@rgrid/cli/package.json`.
  if (other !== undefined && other !== (name === "core" ? "rgrid" : `@rgrid/${name}`) && !may.includes(other)) {
    if (!lazily.includes(other)) return `the package ${name} may not import ${other}`
    if (!lazy && !typeOnly) return `${other} is loaded only when a command needs it: import("${module}")`
  }
  const home = homes.find((candidate) => candidate.module.test(module))
  if (home !== undefined && !home.in.test(file)) return `${home.what} has another home`
  if (!module.startsWith(".")) return undefined

  const target = join(dirname(file), module)
  if (!target.startsWith(`packages/${name}/`)) return "a package is imported by its name"
  const [from, to] = [folderOf(file), folderOf(target)]
  if (from !== undefined && to !== from && !folders[from]?.includes(to)) {
    return `core's ${from}/ may import ${folders[from]?.join(", ") || "none of its siblings"}`
  }
  const [adapter, sibling] = [adapterOf(file), adapterOf(target)]
  if (adapter === undefined || sibling === undefined || sibling === adapter || standsOn[adapter] === sibling) return undefined
  return "an adapter does not know another"
}

const files = globSync("packages/*/src/**/*.ts", { cwd: root })
const refused = files.flatMap((file) =>
  imports(readFileSync(join(root, file), "utf8")).flatMap((imported) => {
    const why = refusal(file, imported)
    return why === undefined ? [] : [`${file}: ${imported.module}: ${why}`]
  })
)

for (const line of refused) console.error(line)
if (files.length === 0) console.error(`no sources below ${relative(process.cwd(), root) || "."}`)
process.exit(refused.length > 0 || files.length === 0 ? 1 : 0)
