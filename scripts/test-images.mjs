/**
 * The images that tests run scripts in, under their real names: as they are here, else pulled, else (where no registry
 * answers) made of Debian packages, all from one root file system that is kept for the next time. Those of RGrid's own
 * runtimes are built upon them, from their Dockerfiles; tests that need one skip themselves where it can't be made.
 */
import { spawn, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as docker from "./docker.mjs"

/** What each has beyond Debian with Python and certificates, which is all that the first two need. */
const images = {
  "python:3.11-slim": {},
  "debian:bookworm-slim": {},
  "node:24-slim": { node: "24.21.0" }
}

/** RGrid's own: where their Dockerfiles are. */
const own = {
  "ghcr.io/rgrid/ffmpeg:latest": "ffmpeg-latest",
  "ghcr.io/rgrid/python:3.11-datascience": "python-3.11-datascience",
  "ghcr.io/rgrid/python:3.11-llm": "python-3.11-llm"
}

const dockerfiles = fileURLToPath(new URL("../infra/images", import.meta.url))
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

/** Builds what `fill` puts into a directory beside this Dockerfile. */
const build = async (name, dockerfile, fill, network) => {
  const work = mkdtempSync(join(tmpdir(), "rgrid-image-"))
  try {
    writeFileSync(join(work, "Dockerfile"), dockerfile)
    fill(work)
    const args = ["--create", "--owner=0", "--group=0", "--directory", work, "."]
    await docker.build(spawn("tar", args, { stdio: ["ignore", "pipe", "inherit"] }).stdout, name, network)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

const withNode = (name, version) =>
  build(name, `FROM ${base}\nCOPY node /usr/local/bin/node\nCMD ["node"]\n`, (work) => {
    run("cp", ["-L", nodeProgram(version), join(work, "node")])
  }, "none")

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

const installs = /^RUN pip install (?:[^\n]*\\\n)*[^\n]*$/m
const packagesOf = (dockerfile) => installs.exec(dockerfile)[0].match(/[\w.-]+==[\w.]+/g)

/** Debian's Python has no pip: this machine's brings the same wheels. A `.pth` is read by Debian's and by Docker's own. */
const withWheels = (name, dockerfile) => {
  const lines = [
    "COPY packages /opt/packages",
    `RUN python3 -c 'import site; print("/opt/packages", file=open(site.getsitepackages()[0] + "/packages.pth", "w"))'`
  ]
  return build(name, dockerfile.replace(installs, lines.join("\n")), (work) => {
    const machine = process.arch === "arm64" ? "aarch64" : "x86_64"
    const platforms = ["manylinux2014", "manylinux_2_28"].flatMap((each) => ["--platform", `${each}_${machine}`])
    const options = ["--quiet", "--target", join(work, "packages"), "--python-version", "3.11", ...platforms, "--only-binary", ":all:", "--no-compile"]
    run("python3", ["-m", "pip", "install", ...options, ...packagesOf(dockerfile)])
  }, "none")
}

/** Upon the image of Python that is here, whichever of its tags the Dockerfile names. */
const makeOwn = async (name) => {
  if (await docker.hasImage(name)) return
  await make("python:3.11-slim")
  say(`Making ${name}…`)
  const text = readFileSync(join(dockerfiles, own[name], "Dockerfile"), "utf8").replace(/^FROM .*$/m, "FROM python:3.11-slim")
  try {
    await build(name, text, () => {}, "host")
  } catch (error) {
    if (!installs.test(text)) throw error
    await withWheels(name, text)
  }
}

const makeOwnIfPossible = (name) => makeOwn(name).catch((error) => say(`There is no ${name} for tests: ${error.message}`))

/** Makes what is missing of `names`, without any of all; fails when one that was named, or that most tests need, can't be had. */
export const makeImages = async (names) => {
  for (const name of names ?? Object.keys(images)) await (name in own ? makeOwn(name) : make(name))
  if (names === undefined) for (const name of Object.keys(own)) await makeOwnIfPossible(name)
}

if (import.meta.main) {
  const only = process.argv.indexOf("--only")
  const names = only < 0 ? undefined : process.argv.slice(only + 1)
  const unknown = names?.find((name) => !(name in images || name in own))
  try {
    if (unknown !== undefined) throw new Error(`no image ${unknown}; there are ${Object.keys({ ...images, ...own }).join(", ")}`)
    await makeImages(names)
  } catch (error) {
    say(`test images: ${error.message}`)
    process.exit(1)
  }
}
