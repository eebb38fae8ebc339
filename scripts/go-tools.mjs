/**
 * Programs that tests run workflows with, built from Go modules into `.tools/go`: `act` runs them, `actionlint` reads them.
 * Without a Go that suffices its toolchain comes from the module proxy too, where its sum is known: on Linux x64.
 */
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
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
/** By system what it must be, as `go.sum` and sum.golang.org name it. Elsewhere a Go has to be on the PATH. */
const sums = { "linux-amd64": "h1:IkknVKy/4hLMR+ZwWfP4Oqhjz2sKqNtEXz1meP8P3Nc=" }

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

const sha256 = (bytes, encoding) => createHash("sha256").update(bytes).digest(encoding)

/** Go's own sum of a module (golang.org/x/mod/sumdb/dirhash): of its files, not of how they are packed. */
const sumOf = (files) => {
  const paths = Object.keys(files).toSorted()
  return `h1:${sha256(paths.map((path) => `${sha256(files[path], "hex")}  ${path}\n`).join(""), "base64")}`
}

const download = async (module) => {
  const answer = await fetch(`${proxy()}/${module.replace("@", "/@v/")}.zip`)
  if (!answer.ok) throw new Error(`the Go toolchain can't be fetched (${answer.status})`)
  const { unzip } = createRequire(join(root, "packages/runner/package.json"))("fflate")
  const zip = new Uint8Array(await answer.arrayBuffer())
  const filter = ({ name }) => !name.endsWith("/")
  return new Promise((resolve, reject) => unzip(zip, { filter }, (error, all) => error ? reject(error) : resolve(all)))
}

/** Under another name until it is whole: whoever interrupts it leaves nothing that looks like a toolchain. */
const unpack = (files, prefix, home) => {
  const partial = `${home}.partial`
  for (const directory of [partial, home]) rmSync(directory, { recursive: true, force: true })
  for (const [path, bytes] of Object.entries(files)) {
    const below = path.slice(prefix.length)
    const target = join(partial, below)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, bytes, { mode: /^\/(?:bin|pkg\/tool\/[^/]+)\//.test(below) ? 0o755 : 0o644 })
  }
  renameSync(partial, home)
}

/** As any module it is a zip, with its name before every path. */
const fetchToolchain = async () => {
  const system = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`
  const module = `golang.org/toolchain@v0.0.1-${toolchain}.${system}`
  const home = join(place, `${toolchain}.${system}`)
  const go = join(home, "bin/go")
  if (suffices(go)) return go
  if (sums[system] === undefined) throw new Error(`${Object.keys(tools).join(" and ")} need Go ${needed.join(".")} or newer on the PATH`)
  const files = await download(module)
  const sum = sumOf(files)
  if (sum !== sums[system]) throw new Error(`${module} is not what it should be: it has the sum ${sum}`)
  unpack(files, module, home)
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

if (import.meta.main) await installGoTools()
