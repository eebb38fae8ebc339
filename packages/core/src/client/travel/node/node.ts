/** Node: relative imports, the project's own `imports` and `exports`, and the `package.json` that applies. */
import { dirname, join, resolve } from "node:path"
import type { Disk, Importing, Language } from "../Language.ts"
import { nearestPackage, ofPackage, stringField } from "./packages.ts"
import { read } from "./reads.ts"

const endings = [".js", ".json", ".node", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx"]

/** `./x.js` may be written for `x.ts`, as TypeScript has it. */
const sources = (path: string): ReadonlyArray<string> =>
  /\.[mc]?jsx?$/.test(path) ? [path.replace(/js(x?)$/, "ts$1"), path.replace(/jsx?$/, "tsx")] : []

const asFile = (path: string, disk: Disk): string | undefined =>
  [path, ...sources(path), ...endings.map((ending) => path + ending)].find((one) => disk.kind(one) === "file")

const asDirectory = (path: string, disk: Disk): ReadonlyArray<string> => {
  const manifest = join(path, "package.json")
  if (disk.kind(manifest) !== "file") return [asFile(join(path, "index"), disk)].filter((one) => one !== undefined)
  const main = stringField(nearestPackage(manifest, disk)?.content, "main") ?? "index"
  const target = join(path, main)
  const file = asFile(target, disk) ?? asFile(join(target, "index"), disk) ?? asFile(join(path, "index"), disk)
  return file === undefined ? [manifest] : [manifest, file]
}

const located = (path: string, disk: Disk): ReadonlyArray<string> => {
  const file = asFile(path, disk)
  if (file !== undefined) return [file]
  return disk.kind(path) === "directory" ? asDirectory(path, disk) : []
}

const resolveImport = (name: string, { disk, file }: Importing): ReadonlyArray<string> => {
  const specifier = name.startsWith("#") ? name : name.replace(/[?#].*$/, "")
  if (/^\.{0,2}\//.test(specifier) || specifier === "." || specifier === "..") {
    return located(resolve(dirname(file), specifier), disk)
  }
  const own = nearestPackage(file, disk)
  return own === null ? [] : ofPackage(specifier, own).flatMap((path) => located(path, disk))
}

export const node: Language = {
  read,
  resolve: resolveImport,
  companions: (file, disk) => {
    const own = nearestPackage(file, disk)
    return own === null ? [] : [own.path]
  }
}
