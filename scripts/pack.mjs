/** Packs each package that is published: `node pack.mjs DIRECTORY`, as pnpm publishes it. Prints the files' paths. */
import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

/** In this order none is published before what it needs. */
export const published = ["runner", "server", "cli", "core"]

const pack = (name, directory) => {
  const options = { cwd: join(root, "packages", name), encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }
  const { filename } = JSON.parse(execFileSync("pnpm", ["pack", "--json", "--pack-destination", directory], options))
  const { name: called, version } = JSON.parse(readFileSync(join(options.cwd, "package.json"), "utf8"))
  return { name: called, version, path: resolve(directory, filename) }
}

/** Of a clone that is built. */
export const packAll = (directory) => {
  mkdirSync(directory, { recursive: true })
  return published.map((name) => pack(name, directory))
}

if (import.meta.main) {
  for (const { path } of packAll(resolve(process.argv[2]))) console.log(path)
}
