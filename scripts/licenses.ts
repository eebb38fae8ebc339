/** The licenses of what is bundled, which travel with it: `licenses.txt` beside the bundle. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

interface Output {
  readonly type: string
  readonly moduleIds?: ReadonlyArray<string>
}

/** What stands between two of them. */
export const between = `\n${"-".repeat(80)}\n\n`

const packageOf = (id: string): string | null => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0] ?? null

const licenseOf = (directory: string): string => {
  const { license, name, version } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"))
  const file = readdirSync(directory).find((name) => /^licen[cs]e/i.test(name))
  const text = file === undefined ? "" : `\n${readFileSync(join(directory, file), "utf8").replaceAll("\r\n", "\n").trim()}\n`
  return `${name} ${version} (${license})\n${text}`
}

/** By the directory they are in, since several bundles may lie there. */
const bundledInto = new Map<string, Set<string>>()

export const licenses = {
  name: "licenses",
  // Once it is written: of bundles that are made at the same time the last one names what is in all of them.
  writeBundle({ dir }: { readonly dir?: string }, bundle: Readonly<Record<string, Output>>) {
    if (dir === undefined) throw new Error("bundles are made into a directory")
    const packages = bundledInto.get(dir) ?? new Set()
    bundledInto.set(dir, packages)
    const ids = Object.values(bundle).flatMap(({ moduleIds = [] }) => moduleIds)
    for (const directory of ids.map(packageOf)) if (directory !== null) packages.add(directory)
    const texts = [...packages].map(licenseOf).toSorted()
    writeFileSync(join(dir, "licenses.txt"), texts.join(between))
  }
}
