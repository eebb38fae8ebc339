/** The programs in C for a machine, and copies of them where an engine can mount them. */
import { createHash } from "node:crypto"
import { chmod, mkdir, readFile, rename, stat, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { basename, dirname, join } from "node:path"

/** The package's own folder, also when this code is bundled. */
const packageDirectory = dirname(createRequire(import.meta.url).resolve("@rgrid/runner/package.json"))

/** The seccomp profile of slots. */
export const seccompProfile = join(packageDirectory, "init", "seccomp.json")

const architectures: Readonly<Record<string, string>> = { x86_64: "x64", x64: "x64", aarch64: "arm64", arm64: "arm64" }

const builtFor = (program: string) => (architecture: string): string | undefined => {
  const name = architectures[architecture]
  return name === undefined ? undefined : join(packageDirectory, "init", "prebuilt", `${program}-linux-${name}`)
}

/** Path of the init built for an architecture, `undefined` where there is none. */
export const prebuilt = builtFor("rgrid-init")

/** Likewise of the program that mounts in slots. */
export const mountHelper = builtFor("rgrid-mount")

/** And of the one that starts runtimes of containers. */
export const starter = builtFor("rgrid-start")

/**
 * Copies a program beneath the state directory, under a name that changes with its content: slots of an earlier version
 * keep theirs, and an engine in a virtual machine sees the state directory where it may not see our package.
 */
export const install = async (stateDirectory: string, source: string): Promise<string> => {
  const bytes = await readFile(source)
  const directory = join(stateDirectory, "init")
  const target = join(directory, `${basename(source)}-${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}`)
  if ((await stat(target).catch(() => undefined))?.size === bytes.length) return target
  await mkdir(directory, { recursive: true, mode: 0o755 })
  const temporary = `${target}.${process.pid}`
  await writeFile(temporary, bytes)
  await chmod(temporary, 0o755)
  await rename(temporary, target)
  return target
}
