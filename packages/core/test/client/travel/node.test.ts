import { assert, describe, it } from "@effect/vitest"
import { project, summary, type Tree } from "./project.ts"

const cases: ReadonlyArray<readonly [what: string, main: string, others: Tree, travels: ReadonlyArray<string>]> = [
  ["each form of import", [
    "import a from './a.js'",
    "import './b.mjs'",
    "export { c } from \"./c.js\"",
    "export * from './d.js'",
    "await import('./e.js')",
    "require('./f.cjs')",
    "import(`./g.js`)",
    "import j from './j.json' with { type: 'json' }"
  ].join("\n"), {
    "a.js": "",
    "b.mjs": "",
    "c.js": "",
    "d.js": "",
    "e.js": "",
    "f.cjs": "",
    "g.js": "",
    "j.json": "{}"
  }, ["a.js", "b.mjs", "c.js", "d.js", "e.js", "f.cjs", "g.js", "j.json"]],
  ["what is found by ending or index", "require('./a'); require('./dir'); require('./lib'); require('./t')", {
    "a.json": "{}",
    "dir/index.js": "",
    "lib/package.json": '{"main":"src/m"}',
    "lib/src/m.js": "",
    "t.ts": ""
  }, ["a.json", "dir/index.js", "lib/package.json", "lib/src/m.js", "t.ts"]],
  ["TypeScript written as .js", "import './a.js'\nimport type { X } from './b.ts'", { "a.ts": "", "b.ts": "" }, ["a.ts", "b.ts"]],
  ["imports of imports, in circles", "import './a.js'", { "a.js": "import './b.js'", "b.js": "import './a.js'" }, ["a.js", "b.js"]],
  ["the package.json above", "import './src/a.js'", { "package.json": '{"type":"module"}', "src/a.js": "" }, [
    "package.json",
    "src/a.js"
  ]],
  ["its own imports and exports, under every condition", "import '#cfg'; import '#u/x'; import 'me'; import 'me/sub'", {
    "package.json": JSON.stringify({
      name: "me",
      imports: { "#cfg": { development: "./dev.js", default: "./cfg.js" }, "#u/*": "./util/*.js" },
      exports: { ".": "./self.js", "./sub": "./sub.js" }
    }),
    "dev.js": "",
    "cfg.js": "",
    "util/x.js": "",
    "self.js": "",
    "sub.js": "",
    "unused.js": ""
  }, ["cfg.js", "dev.js", "package.json", "self.js", "sub.js", "util/x.js"]],
  ["a file by path.join, URL and __dirname", [
    "readFileSync(path.join(__dirname, 'data', 'a.txt'))",
    "readFileSync(new URL('./data/b.txt', import.meta.url))",
    "const here = path.dirname(fileURLToPath(import.meta.url))",
    "readFileSync(join(here, 'data/c.txt'))",
    "readFileSync(import.meta.dirname + '/data/d.txt')",
    "readFileSync('e.txt')"
  ].join("\n"), {
    "data/a.txt": "",
    "data/b.txt": "",
    "data/c.txt": "",
    "data/d.txt": "",
    "e.txt": "",
    "data/unused.txt": ""
  }, ["data/a.txt", "data/b.txt", "data/c.txt", "data/d.txt", "e.txt"]],
  ["nothing for comments, expressions and packages", [
    "// import './a.js'",
    "/* require('./b.js') */",
    "const re = /'\\/\"/; import x from 'pkg'",
    "const t = `${'x'} ./c.js`"
  ].join("\n"), { "a.js": "", "b.js": "", "c.js": "", "node_modules/pkg/index.js": "" }, []],
  ["what stands behind a regular expression with quotes", "const re = /[\"'`]/g\nimport('./a.js')", { "a.js": "" }, ["a.js"]]
]

describe("with a Node script travels", () => {
  for (const [what, main, others, travels] of cases) {
    it(`${what}`, async () => {
      const cwd = project({ ...others, "main.js": main })
      assert.deepStrictEqual((await summary(cwd, { script: "main.js" })).files, travels)
    })
  }

  it("what it imports from above the working directory", async () => {
    const root = project({ "package.json": "{}", "lib/a.ts": "", "work/main.ts": "import '../lib/a.ts'" })
    const { files } = await summary(`${root}/work`, { script: "main.ts" })
    assert.deepStrictEqual(files, [`${root}/lib/a.ts`, `${root}/package.json`])
  })
})
