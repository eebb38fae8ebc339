/**
 * The command line as one executable file: `node sea.mjs FILE`. Of a clone that is built. Beside it stand the licenses that
 * whoever passes it on has to pass on too.
 */
import { execFileSync } from "node:child_process"
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { between } from "./licenses.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const work = join(root, "dist-sea")

// What they say is told with their failure: postject warns of sections that Node has always had.
const run = (program, ...args) => execFileSync(program, args, { cwd: join(root, "packages/cli"), stdio: ["ignore", "ignore", "pipe"] })

/** What Node puts into itself: the program, and the machine code of it that this very Node would make at each start. */
const blob = () => {
  run("tsdown", "--config", "tsdown.sea.config.ts", "--logLevel", "error")
  const config = {
    main: join(work, "bundle/rgrid.cjs"),
    output: join(work, "rgrid.blob"),
    disableExperimentalSEAWarning: true,
    useCodeCache: true
  }
  writeFileSync(join(work, "sea.json"), JSON.stringify(config))
  run(process.execPath, "--experimental-sea-config", join(work, "sea.json"))
  return config.output
}

const inject = (file, resource) => {
  const postject = createRequire(import.meta.url).resolve("postject/dist/cli.js")
  const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2"
  const mac = process.platform === "darwin"
  if (mac) run("codesign", "--remove-signature", file)
  run(process.execPath, postject, file, "NODE_SEA_BLOB", resource, "--sentinel-fuse", fuse, ...mac ? ["--macho-segment-name", "NODE_SEA"] : [])
  if (mac) run("codesign", "--sign", "-", file)
}

/** Its archives have it beside `bin`; packages of systems, with what documents them. */
const licenseOfNode = () => {
  const home = join(dirname(realpathSync(process.execPath)), "..")
  const places = ["LICENSE", "share/doc/nodejs/LICENSE", "share/doc/nodejs/copyright"].map((path) => join(home, path))
  const place = places.find((path) => existsSync(path))
  if (place === undefined) throw new Error(`this Node has no license with it: it is at none of ${places.join(", ")}`)
  return readFileSync(place, "utf8")
}

const writeLicenses = (directory) => {
  copyFileSync(join(root, "LICENSE"), join(directory, "LICENSE"))
  const ofBundle = readFileSync(join(work, "bundle/licenses.txt"), "utf8")
  writeFileSync(join(directory, "licenses.txt"), `Node.js ${process.version}\n\n${licenseOfNode().trim()}\n${between}${ofBundle}`)
}

export const buildExecutable = (file) => {
  mkdirSync(work, { recursive: true })
  mkdirSync(dirname(file), { recursive: true })
  rmSync(file, { force: true })
  copyFileSync(process.execPath, file)
  chmodSync(file, 0o755)
  inject(file, blob())
  writeLicenses(dirname(file))
}

if (import.meta.main) {
  const file = resolve(process.argv[2])
  buildExecutable(file)
  console.log(file)
}
