/** `import { run } from "rgrid"` stays light: what it weighs, and what it must never bring (design §2). */
import { assert, describe, it } from "@effect/vitest"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "tsdown"

const index = fileURLToPath(new URL("../src/index.ts", import.meta.url))
/** What `import` loads, and with what some scripts need besides: readers of languages, globs, YAML, TOML (decision 12). */
const budget = { atOnce: 320 * 1024, all: 440 * 1024 }
const forbidden = ["/pg/", "/dockerode/", "/@aws-sdk/", "/undici/", "/@effect/sql-pg/", "/@rgrid/", "/effect/dist/sql/", "/effect/dist/cli/"]

const bundle = async () => {
  const directory = mkdtempSync(join(tmpdir(), "rgrid-bundle-"))
  try {
    writeFileSync(join(directory, "app.ts"), `import { run } from ${JSON.stringify(index)}\nconsole.log(run)\n`)
    await build({
      config: false,
      entry: [join(directory, "app.ts")],
      outDir: join(directory, "dist"),
      format: "esm",
      platform: "node",
      minify: true,
      dts: false,
      sourcemap: true,
      logLevel: "silent",
      deps: { alwaysBundle: [/.*/] }
    })
    const files = readdirSync(join(directory, "dist"))
    const read = (name: string) => readFileSync(join(directory, "dist", name), "utf8")
    const code = files.filter((name) => name.endsWith("js"))
    const maps = files.filter((name) => name.endsWith(".map")).map((name) => JSON.parse(read(name)) as { sources: Array<string> })
    const bytesOf = (names: ReadonlyArray<string>) => names.reduce((sum, name) => sum + Buffer.byteLength(read(name)), 0)
    // Chunks that another one imports by a statement, and not by a call, are loaded with it.
    const withApp = (name: string): boolean => name.startsWith("app.") || read("app.mjs").includes(`from"./${name}"`)
    return {
      atOnce: bytesOf(code.filter(withApp)),
      all: bytesOf(code),
      modules: maps.flatMap(({ sources }) => sources)
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

describe("the library's bundle", () => {
  it("is at most 320 KB at once, 440 KB in all, and holds nothing of server or runner", async () => {
    const { all, atOnce, modules } = await bundle()
    assert.isAbove(modules.length, 50)
    assert.deepStrictEqual(modules.filter((module) => forbidden.some((name) => module.includes(name))), [])
    assert.isAtMost(atOnce, budget.atOnce)
    assert.isAtMost(all, budget.all)
    assert.isBelow(atOnce, all)
  })
})
