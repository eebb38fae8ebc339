/** Sources are read whatever they hold. */
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import type { Language } from "rgrid/client/travel/Language"
import { node } from "rgrid/client/travel/node/node"
import { other } from "rgrid/client/travel/other/other"
import { python } from "rgrid/client/travel/python/python"
import { shell } from "rgrid/client/travel/shell/shell"

const languages: ReadonlyArray<readonly [string, Language]> = [["python", python], ["node", node], ["shell", shell], ["other", other]]

const pieces = [
  "'", '"', "`", "'''", '"""', "\\", "\n", "#", "//", "/*", "*/", "(", ")", "[", "]", "{", "}", "$", "${", "$(", ".", ",", "/", "+", "=", " ",
  "import ", "from ", "as ", "require(", "sys.path.insert(0, ", "Path(", "os.path.join(", "__file__", "parents[", "f'", "rb'", "a", "0", "é", "\0",
  "\ud800", "=>", "<<EOF\n", '$(dirname "$0")', "constructor", "__proto__", "new URL("
] as const

/** Random text of what matters to a reader, in any order. */
const sources = { parts: Schema.Array(Schema.Union([Schema.Literals(pieces), Schema.String])) }

const endless = ["(", "[", "Path(", "'", '"', "\\", "'a' + ", "a.", "$(", "`${", "import a, ", "x = (", "/", '"\\x']

for (const [name, language] of languages) {
  const read = (text: string) => language.read({ text, file: "/w/main", cwd: "/w" })

  describe(`a reader of ${name} sources`, () => {
    it.prop("takes any text", sources, ({ parts }) => {
      const { imports, paths, roots } = read(parts.join(""))
      for (const one of [...imports, ...paths, ...roots]) assert.isString(one)
    })

    it("takes much of what opens and never closes, or is nested without end", () => {
      for (const piece of endless) assert.isObject(read(piece.repeat(Math.floor(40_000 / piece.length))))
      assert.isObject(read(`import ${"a, ".repeat(20_000)}`))
      assert.isObject(read("open(Path(__file__).parents[999999999999] / 'x')"))
      assert.isObject(read(`"${"a".repeat(4_000_000)}`))
      assert.isObject(read(`"${"a".repeat(4_000_000)}"`))
    })
  })
}
