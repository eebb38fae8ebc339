/** The licenses of what is bundled, which travel with it. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

interface Output {
  readonly type: string
  readonly moduleIds?: ReadonlyArray<string>
}

interface Emitting {
  readonly emitFile: (file: { readonly type: "asset"; readonly fileName: string; readonly source: string }) => unknown
}

const packageOf = (id: string): string | null => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0] ?? null

const licenseOf = (directory: string): string => {
  const { license, name, version } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"))
  const file = readdirSync(directory).find((name) => /^licen[cs]e/i.test(name))
  const text = file === undefined ? "" : `\n${readFileSync(join(directory, file), "utf8").replaceAll("\r\n", "\n").trim()}\n`
  return `${name} ${version} (${license})\n${text}`
}

export const licenses = {
  name: "licenses",
  generateBundle(this: Emitting, _options: unknown, bundle: Readonly<Record<string, Output>>) {
    const ids = Object.values(bundle).flatMap(({ moduleIds = [] }) => moduleIds)
    const packages = new Set(ids.map(packageOf).filter((directory) => directory !== null))
    const texts = [...packages].map(licenseOf).toSorted()
    this.emitFile({ type: "asset", fileName: "licenses.txt", source: texts.join(`\n${"-".repeat(80)}\n\n`) })
  }
}
