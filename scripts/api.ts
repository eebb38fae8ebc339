/**
 * `node scripts/api.ts`: writes down all that `rgrid`, `rgrid/effect` and `rgrid/effect/testing` declare, from the built
 * declarations, so that a change of the public interface is seen as a change of a file. e2e/api.e2e.ts compares.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "tsdown"

const core = fileURLToPath(new URL("../packages/core", import.meta.url))

export const reportFile = join(core, "api.report.md")

const entries = { rgrid: "index", "rgrid/effect": "effect", "rgrid/effect/testing": "effectTesting" } as const

/** All that an entry declares, from whichever of the files below it. */
const declared = async (name: string): Promise<string> => {
  const outDir = mkdtempSync(join(tmpdir(), "rgrid-api-"))
  try {
    await build({
      config: false,
      cwd: core,
      entry: [`dist/${name}.d.ts`],
      outDir,
      format: "esm",
      platform: "node",
      dts: { dtsInput: true, emitDtsOnly: true, sourcemap: false },
      logLevel: "silent"
    })
    return readFileSync(join(outDir, `${name}.d.ts`), "utf8")
  } finally {
    rmSync(outDir, { recursive: true, force: true })
  }
}

const exportLine = /^export \{(.*)\};?$/m

export interface Entry {
  readonly name: string
  readonly names: ReadonlyArray<string>
  readonly text: string
}

const entryOf = async ([name, file]: readonly [string, string]): Promise<Entry> => {
  const all = await declared(file)
  const names = (exportLine.exec(all)?.[1] ?? "").split(",").map((one) => one.trim().replace(/^type /, "").replace(/^.* as /, ""))
  // What is imported for nothing but its being there says nothing.
  const text = all.replace(exportLine, "").replace(/^import "[^"]+";\n/gm, "").trim()
  return { name, names: names.toSorted(), text }
}

export const entriesOf = (): Promise<ReadonlyArray<Entry>> => Promise.all(Object.entries(entries).map(entryOf))

const section = ({ name, names, text }: Entry): string =>
  `## ${name}\n\n${names.length} names: ${names.map((one) => `\`${one}\``).join(", ")}\n\n\`\`\`ts\n${text}\n\`\`\`\n`

export const reportOf = (all: ReadonlyArray<Entry>): string =>
  ["# What the library declares\n\nWritten by `npm run api` after a build; not by hand.\n", ...all.map(section)].join("\n")

if (import.meta.main) writeFileSync(reportFile, reportOf(await entriesOf()))
