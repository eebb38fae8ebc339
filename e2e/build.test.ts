/** When `npm start` and `npm test` build anew. */
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { steps } from "../scripts/prepare.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))

/** Also where an import goes on over several lines. */
const imports = (file: string): ReadonlyArray<string> =>
  [...readFileSync(join(root, file), "utf8").matchAll(/\b(?:from|import) "(\.{1,2}\/[^"]+)"/g)].flatMap(([, path]) => {
    const imported = join(dirname(file), path!)
    return [imported, ...imports(imported)]
  })

it.each(readdirSync(join(root, "packages")))("%s is built anew when anything that makes it has changed", (name) => {
  const at = `packages/${name}`
  const { scripts: { build } } = JSON.parse(readFileSync(join(root, at, "package.json"), "utf8"))
  const programs = [...build.matchAll(/\bnode (\S+)/g)].map(([, program]) => `${at}/${program}`)
  const made = [`${at}/tsdown.config.ts`, ...imports(`${at}/tsdown.config.ts`), ...programs, ...programs.flatMap(imports)]
  expect(made.filter((path) => !steps.build.from.includes(path))).toEqual([])
})
