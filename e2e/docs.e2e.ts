/**
 * Every page a user reads does what it says. A page's `sh` blocks run from top to bottom in one fresh directory, with
 * `rgrid` on the path. `<!-- file: NAME -->` before a block writes it to a file instead; `<!-- exits N -->` says that a
 * block ends so. Blocks of other languages are not run.
 */
import { execFileSync } from "node:child_process"
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import { has, local, rgridProgram, TestGrid } from "./harness.ts"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")

interface Block {
  readonly language: string
  readonly text: string
  readonly file: string | undefined
  readonly exits: number
}

const fences = /(?:^<!-- (file|exits):? (.+?) -->\n+)?^```(\w*)\n(.*?)^```$/gms

const blocksOf = (page: string): ReadonlyArray<Block> =>
  Array.from(page.matchAll(fences), ([, note, value = "", language = "", text = ""]) => ({
    language,
    text,
    file: note === "file" ? value : undefined,
    exits: note === "exits" ? Number(value) : 0
  }))

/** README's two commands set up this very clone; CI runs them as they stand. */
const isSetup = ({ text }: Block): boolean => /^npm (start|test)\s*$/.test(text)

/** What a page makes a reader do, in order. */
const stepsOf = (page: string): ReadonlyArray<Block> =>
  blocksOf(readFileSync(join(root, page), "utf8"))
    .filter((block) => block.file !== undefined || (block.language === "sh" && !isSetup(block)))

const pages = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)]
  .filter((page) => page.endsWith(".md") && stepsOf(page).length > 0)

const grid = new TestGrid()
const bin = join(grid.home, "bin")
const home = join(grid.home, "home")
mkdirSync(bin)
mkdirSync(home)
writeFileSync(join(bin, "rgrid"), `#!/bin/sh\nexec "${process.execPath}" "${rgridProgram}" "$@"\n`)
chmodSync(join(bin, "rgrid"), 0o755)

const surroundings = () => {
  // A page may make profiles, which this home has none of.
  const { RGRID_PROFILE: _profile, ...inherited } = grid.environment()
  const path = `${bin}:${dirname(process.execPath)}:${process.env["PATH"]}`
  return { ...inherited, HOME: home, PATH: path }
}

/** Where a page's commands run: a project that has the library installed, and Effect beside it. */
const project = (): string => {
  const place = grid.workplace()
  mkdirSync(join(place, "node_modules"))
  symlinkSync(join(root, "packages/core"), join(place, "node_modules/rgrid"))
  symlinkSync(join(root, "node_modules/effect"), join(place, "node_modules/effect"))
  execFileSync("git", ["init", "--quiet"], { cwd: place })
  return place
}

const run = async ({ text }: Block, place: string) => {
  // `npx rgrid` is the installed program; nothing is fetched for it here.
  const script = text.replace(/^npx rgrid/gm, "rgrid")
  const { code, stderr, stdout } = await local("bash", ["--norc", "-euo", "pipefail", "-c", script], place, surroundings())
  return { code, told: `${script}\n${stdout.toString()}\n${stderr}` }
}

afterAll(() => grid.down())

/** What a page's programs in JavaScript must agree with: the types as installed. */
const compiler = {
  compilerOptions: {
    target: "es2024",
    module: "nodenext",
    allowJs: true,
    checkJs: true,
    noEmit: true,
    strict: true,
    noImplicitAny: false,
    useUnknownInCatchVariables: false,
    typeRoots: [join(root, "node_modules/@types")],
    types: ["node"]
  },
  include: ["*.mjs", "*.cjs"]
}

const isProgram = ({ file = "" }: Block): boolean => /\.[cm]js$/.test(file)
const needsJq = (page: string): boolean => stepsOf(page).some(({ file, text }) => file === undefined && /\bjq\b/.test(text))

describe.each(pages)("%s", (page) => {
  it.skipIf(!has("jq") && needsJq(page))("does what it says", async () => {
    const place = project()
    for (const block of stepsOf(page)) {
      if (block.file !== undefined) {
        mkdirSync(dirname(join(place, block.file)), { recursive: true })
        writeFileSync(join(place, block.file), block.text)
        continue
      }
      const { code, told } = await run(block, place)
      expect(code, told).toBe(block.exits)
    }
  }, 120_000)
})

describe.each(pages.filter((page) => stepsOf(page).some(isProgram)))("%s", (page) => {
  it("has programs that agree with the library's types", async () => {
    const place = project()
    writeFileSync(join(place, "tsconfig.json"), JSON.stringify(compiler))
    for (const { file, text } of stepsOf(page).filter(isProgram)) writeFileSync(join(place, file!), text)
    const { code, stdout } = await local("node", [join(root, "node_modules/typescript/bin/tsc")], place)
    expect({ code, said: stdout.toString() }).toEqual({ code: 0, said: "" })
  })
})
