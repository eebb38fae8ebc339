/**
 * `node prepare.mjs install build`: the dependencies as locked, and `dist` of every package. Each is skipped when what
 * it is made from has not changed since, by content: a stamp in node_modules says from what the present state was made.
 */
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const stamps = join(root, "node_modules/.cache/rgrid")

const packages = readdirSync(join(root, "packages"))
  .map((name) => `packages/${name}`)
  .filter((directory) => existsSync(join(root, directory, "package.json")))

const filesBelow = (path) => {
  if (!existsSync(join(root, path))) return []
  if (!statSync(join(root, path)).isDirectory()) return [path]
  return readdirSync(join(root, path)).sort().flatMap((name) => filesBelow(`${path}/${name}`))
}

const fingerprint = (paths) => {
  const hash = createHash("sha256").update(process.versions.node)
  for (const path of paths.flatMap(filesBelow)) hash.update(`\0${path}\0`).update(readFileSync(join(root, path)))
  return hash.digest("hex")
}

const manifests = ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...packages.map((p) => `${p}/package.json`)]
const sources = packages.flatMap((p) => ["src", "tsdown.config.ts", "tsconfig.json", "help.mjs"].map((path) => `${p}/${path}`))
/** What the packages' builds have in common. */
const shared = ["scripts/bundled.ts", "scripts/licenses.ts", "tsconfig.base.json"]

export const steps = {
  install: {
    from: manifests,
    makes: ["node_modules/.modules.yaml", ...packages.map((p) => `${p}/node_modules`)],
    // Nobody may be there to confirm that a stale node_modules is replaced.
    command: ["pnpm", "install", "--frozen-lockfile", "--config.confirmModulesPurge=false", "--reporter=append-only"]
  },
  build: {
    from: [...manifests, ...sources, ...shared],
    makes: packages.map((p) => `${p}/dist`),
    command: ["pnpm", "-r", "--reporter=append-only", "build", "--logLevel=warn"]
  }
}

const done = ({ from, makes }, stamp) =>
  makes.every((path) => existsSync(join(root, path))) && existsSync(stamp) &&
  readFileSync(stamp, "utf8") === fingerprint(from)

const prepare = (name) => {
  const step = steps[name]
  const stamp = join(stamps, name)
  if (done(step, stamp)) return
  // Taken before: what changes while the command runs is not in what it made.
  const from = fingerprint(step.from)
  rmSync(stamp, { force: true })
  const [program, ...args] = step.command
  const { error, signal, status, stderr, stdout } = spawnSync(program, args, { cwd: root, encoding: "utf8" })
  if (status !== 0) {
    process.stderr.write(`${stdout ?? ""}${stderr ?? ""}\n${step.command.join(" ")} failed (${error?.message ?? signal ?? status}).\n`)
    process.exit(1)
  }
  mkdirSync(stamps, { recursive: true })
  writeFileSync(stamp, from)
}

if (import.meta.main) process.argv.slice(2).forEach(prepare)
