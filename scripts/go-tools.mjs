/**
 * Programs that tests run workflows with, built from Go modules into `.tools/go`: `act` runs them, `actionlint` reads them.
 * Without a Go that suffices its toolchain comes from the module proxy too.
 */
import { spawnSync } from "node:child_process"
import { chmodSync, createWriteStream, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const place = join(root, ".tools/go")

/** Each in a directory of its version, so that another one is built anew. */
const tools = {
  act: "github.com/nektos/act@v0.2.89",
  actionlint: "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"
}
/** What these ask for in their `go.mod`, and what is fetched where that is not there. */
const needed = [1, 25]
const toolchain = "go1.25.5"

const directory = (name) => join(place, `${name}-${tools[name].split("@")[1]}`)

/** Null where it is not built. */
export const goTool = (name) => {
  const program = join(directory(name), name)
  return existsSync(program) ? program : null
}

const suffices = (go) => {
  const { stdout } = spawnSync(go, ["env", "GOVERSION"], { encoding: "utf8", env: { ...process.env, GOTOOLCHAIN: "local" } })
  const [major, minor] = /^go(\d+)\.(\d+)/.exec(stdout ?? "")?.slice(1).map(Number) ?? [0, 0]
  return major > needed[0] || (major === needed[0] && minor >= needed[1])
}

const proxy = () => (process.env.GOPROXY || "https://proxy.golang.org").split(/[,|]/)[0].replace(/\/$/, "")

/** As any module it is a zip, with its name before every path. */
const fetchToolchain = async () => {
  const system = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`
  const module = `golang.org/toolchain@v0.0.1-${toolchain}.${system}`
  const home = join(place, `${toolchain}.${system}`)
  const go = join(home, "bin/go")
  if (existsSync(go)) return go
  const zip = join(place, "toolchain.zip")
  const answer = await fetch(`${proxy()}/${module.replace("@", "/@v/")}.zip`)
  if (!answer.ok) throw new Error(`the Go toolchain can't be fetched (${answer.status})`)
  await pipeline(Readable.fromWeb(answer.body), createWriteStream(zip))
  const { unzip } = createRequire(join(root, "packages/runner/package.json"))("fflate")
  const { readFileSync } = await import("node:fs")
  const files = await new Promise((resolve, reject) => unzip(readFileSync(zip), (error, all) => error ? reject(error) : resolve(all)))
  for (const [path, bytes] of Object.entries(files)) {
    const target = join(home, path.slice(module.length + 1))
    mkdirSync(dirname(target), { recursive: true })
    if (!path.endsWith("/")) writeFileSync(target, bytes)
  }
  for (const below of ["bin", `pkg/tool/${system.replace("-", "_")}`]) {
    for (const name of existsSync(join(home, below)) ? readdirSync(join(home, below)) : []) chmodSync(join(home, below, name), 0o755)
  }
  rmSync(zip)
  return go
}

const build = (go, name) => {
  const env = { ...process.env, GOBIN: directory(name), GOTOOLCHAIN: "local", GOFLAGS: "-trimpath", CGO_ENABLED: "0" }
  const { error, status, stderr } = spawnSync(go, ["install", tools[name]], { env, encoding: "utf8" })
  if (status !== 0) throw new Error(`go install ${tools[name]}: ${error?.message ?? stderr.trim().split("\n").at(-1)}`)
}

export const installGoTools = async () => {
  const missing = Object.keys(tools).filter((name) => goTool(name) === null)
  if (missing.length === 0) return
  process.stderr.write(`Building ${missing.join(" and ")} from Go modules…\n`)
  mkdirSync(place, { recursive: true })
  const go = suffices("go") ? "go" : await fetchToolchain()
  for (const name of missing) build(go, name)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await installGoTools()
