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

const isc = (holder: string): string => `Copyright (c) ${holder}

Permission to use, copy, modify, and/or distribute this software for any
purpose with or without fee is hereby granted, provided that the above
copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
`

/** Of packages that name their license and have no text of it; by what they say of themselves, should that change. */
const unwritten: Readonly<Record<string, string>> = { "split-ca 1.0.1 (ISC)": isc("Charles Bushong") }

const licenseOf = (directory: string): string => {
  const { license, name, version } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"))
  const heading = `${name} ${version} (${license})`
  const file = readdirSync(directory).find((name) => /^licen[cs]e/i.test(name))
  const text = file === undefined ? unwritten[heading] : readFileSync(join(directory, file), "utf8")
  if (text === undefined) throw new Error(`${heading} has no license file; its text has to be given in scripts/licenses.ts`)
  return `${heading}\n\n${text.replaceAll("\r\n", "\n").trim()}\n`
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
