/**
 * The images that tests run scripts in, under their real names: as they are here, else pulled, else (where no registry
 * answers) made of Debian packages, all from one root file system that is kept for the next time.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import * as docker from "./docker.mjs"

/** What each has beyond Debian with Python and certificates, which is all that the first two need. */
const images = {
  "python:3.11-slim": {},
  "debian:bookworm-slim": {},
  "node:24-slim": { node: "24.21.0" }
}

const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
const changes = [`ENV PATH=${path}`, "ENV LANG=C.UTF-8", 'CMD ["bash"]']
const base = "rgrid-test-base:bookworm"
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "rgrid", "images")
const say = (line) => process.stderr.write(`${line}\n`)

const run = (program, args, options = {}) => {
  const { error, status, stderr, stdout } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 2 ** 30, ...options })
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed: ${error?.message ?? `${stdout}${stderr}`.trim().slice(-2000)}`)
  return stdout
}

const works = (program, ...args) => spawnSync(program, args).status === 0

const installDebootstrap = () => {
  if (works("debootstrap", "--version")) return
  if (process.getuid() !== 0 || !works("apt-get", "--version")) {
    throw new Error("no registry answers, and making images of Debian packages needs debootstrap and root")
  }
  say("Installing debootstrap…")
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  run("apt-get", ["-qq", "update"], { env })
  run("apt-get", ["-qq", "install", "-y", "--no-install-recommends", "debootstrap", "debian-archive-keyring"], { env })
}

/** Documentation, translations and package lists are half of a minimal Debian. */
const unneeded = ["var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info"]

const rootFileSystem = () => {
  const tarball = join(cache, "bookworm-python.tar")
  if (existsSync(tarball)) return tarball
  installDebootstrap()
  say("No registry answers: making a root file system of Debian packages (about a minute, once)…")
  const work = mkdtempSync(join(tmpdir(), "rgrid-image-"))
  try {
    const root = join(work, "root")
    run("debootstrap", ["--variant=minbase", "--include=python3,ca-certificates", "bookworm", root])
    for (const place of unneeded) rmSync(join(root, place), { recursive: true, force: true })
    // apt wants these to exist.
    for (const place of ["var/cache/apt/archives/partial", "var/lib/apt/lists/partial"]) mkdirSync(join(root, place), { recursive: true })
    for (const name of ["python", "python3"]) symlinkSync("/usr/bin/python3", join(root, "usr/local/bin", name))
    mkdirSync(cache, { recursive: true })
    // Docker makes the devices itself; half a tarball must never be taken for a whole one.
    run("tar", ["--create", "--numeric-owner", "--exclude=./dev/*", "--directory", root, "--file", `${tarball}.part`, "."])
    renameSync(`${tarball}.part`, tarball)
    return tarball
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Linux' Node for the image, whatever Node runs this. */
const nodeProgram = (version) => {
  const name = `node-linux-${process.arch}`
  const place = join(cache, name)
  const program = join(place, "node_modules", name, "bin", "node")
  const there = spawnSync(program, ["-v"], { encoding: "utf8" }).stdout?.trim() === `v${version}`
  if (!there) {
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, "package.json"), '{ "private": true }')
    run("npm", ["install", "--prefix", place, "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", `${name}@${version}`])
  }
  return program
}

const withNode = async (name, version) => {
  const work = mkdtempSync(join(tmpdir(), "rgrid-image-"))
  try {
    writeFileSync(join(work, "Dockerfile"), `FROM ${base}\nCOPY node /usr/local/bin/node\nCMD ["node"]\n`)
    run("cp", ["-L", nodeProgram(version), join(work, "node")])
    const context = spawnSync("tar", ["--create", "--owner=0", "--group=0", "--directory", work, "."], { encoding: "buffer", maxBuffer: 2 ** 30 })
    await docker.build([context.stdout], name)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

const fromPackages = async (name) => {
  if (!await docker.hasImage(base)) await docker.importImage(rootFileSystem(), base, changes)
  const { node } = images[name]
  await (node === undefined ? docker.tag(base, name) : withNode(name, node))
}

// A registry that does not answer once is not asked again.
let registry = process.env.RGRID_TEST_REGISTRY !== "no"

const make = async (name) => {
  if (await docker.hasImage(name)) return
  if (registry) {
    try {
      say(`Pulling ${name}…`)
      return await docker.pull(name, 10_000)
    } catch {
      registry = false
    }
  }
  say(`Making ${name}…`)
  await fromPackages(name)
}

/** Makes what is missing of `names`; fails when one can't be had. */
export const makeImages = async (names = Object.keys(images)) => {
  for (const name of names) await make(name)
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const only = process.argv.indexOf("--only")
  const names = only < 0 ? undefined : process.argv.slice(only + 1)
  const unknown = names?.find((name) => !(name in images))
  try {
    if (unknown !== undefined) throw new Error(`no image ${unknown}; there are ${Object.keys(images).join(", ")}`)
    await makeImages(names)
  } catch (error) {
    say(`test images: ${error.message}`)
    process.exit(1)
  }
}
