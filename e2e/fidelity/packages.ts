/** Packages of others, fetched once with the registry's own client and unpacked; nothing of theirs is ever installed. */
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Fetched } from "./Case.ts"

const cache = join(dirname(fileURLToPath(import.meta.url)), "../../node_modules/.cache/fidelity")

export class NotFetched extends Error {}

const quietly = (program: string, args: ReadonlyArray<string>, cwd: string): void => {
  execFileSync(program, args, { cwd, stdio: ["ignore", "ignore", "pipe"] })
}

/** A mirror keeps only the newest version; an older list of packages asks for one that is gone. */
const deb = ({ name, version }: Fetched, into: string): void => {
  try {
    quietly("apt-get", ["download", `${name}=${version}`], into)
  } catch {
    quietly("apt-get", ["update"], into)
    quietly("apt-get", ["download", `${name}=${version}`], into)
  }
}

const get: Record<Fetched["kind"], (what: Fetched, into: string) => void> = {
  deb,
  npm: ({ name, version }, into) => quietly("npm", ["pack", `${name}@${version}`], into),
  pypi: ({ name, version }, into) =>
    quietly("pip", ["download", "--no-deps", "--only-binary=:all:", `${name}==${version}`], into)
}

const unpack: Record<Fetched["kind"], (archive: string, into: string) => void> = {
  deb: (archive, into) => quietly("dpkg", ["-x", archive, "."], into),
  npm: (archive, into) => quietly("tar", ["-xzf", archive], into),
  pypi: (archive, into) => quietly("unzip", ["-q", archive], into)
}

/** The directory that holds the package's files. */
export const fetched = (what: Fetched): string => {
  const directory = join(cache, `${what.kind}-${what.name.replaceAll("/", "+")}-${what.version}`)
  if (existsSync(directory)) return directory
  const making = `${directory}.making`
  rmSync(making, { recursive: true, force: true })
  mkdirSync(making, { recursive: true })
  try {
    get[what.kind](what, making)
    const archive = readdirSync(making)[0]!
    unpack[what.kind](archive, making)
    rmSync(join(making, archive))
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? error).trim().split("\n").at(-1)
    throw new NotFetched(`${what.kind} package ${what.name} ${what.version} can't be had: ${said}`)
  }
  renameSync(making, directory)
  return directory
}
