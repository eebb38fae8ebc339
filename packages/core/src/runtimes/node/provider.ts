import { compileFunction } from "node:vm"
import type { RuntimeProvider } from "../../ports/RuntimeProvider.ts"

const typescript = [".ts", ".mts", ".cts"]

const isTypescript = (path: string): boolean => typescript.some((ending) => path.toLowerCase().endsWith(ending))

const major = (runtime: string): string | undefined => /^node:(\d+)$/.exec(runtime)?.[1]

/** Needed before 22.18. The warning goes, since it would be the script's whole stderr. */
const strip22 = ["--experimental-strip-types", "--disable-warning=ExperimentalWarning"]

/** As a CommonJS module. A millisecond instead of the 40 that Node takes to start; nothing of it runs. */
const compiles = (source: string): boolean => {
  try {
    compileFunction(source.replace(/^#!.*/, ""), ["exports", "require", "module", "__filename", "__dirname"])
    return true
  } catch {
    return false
  }
}

/** Whether this very program is `node`: an executable with Node inside is none, nor is another runtime. */
const isNode = (): boolean =>
  process.versions.bun === undefined && process.versions["electron"] === undefined &&
  !process.getBuiltinModule("node:sea").isSea()

export const node: RuntimeProvider = {
  language: "node",
  endings: [".js", ".mjs", ".cjs", ...typescript],
  programs: ["node", "nodejs"],
  runtimes: [
    { name: "node:24", image: "node:24-slim", brings: "TypeScript by stripping types" },
    { name: "node:22", image: "node:22-slim", brings: "TypeScript by stripping types" },
    { name: "node:20", image: "node:20-slim", brings: "" }
  ],
  environment: {},
  interpreter: ({ path }, runtime) => {
    if (!isTypescript(path)) return ["node"]
    if (major(runtime) === "20") return null
    return major(runtime) === "22" ? ["node", ...strip22] : ["node"]
  },
  // `--check` reads no TypeScript. Only this very program tells its version without being started.
  check: (here, { path }, runtime) =>
    isTypescript(path) || !isNode() || process.versions.node.split(".")[0] !== major(runtime)
      ? null
      : { programs: [process.execPath], args: ["--check", here], rejects: 1, exitCode: 1, needless: compiles }
}
