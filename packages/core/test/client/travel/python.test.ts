import { assert, describe, it } from "@effect/vitest"
import { project, summary, type Tree } from "./project.ts"

const cases: ReadonlyArray<readonly [what: string, main: string, others: Tree, travels: ReadonlyArray<string>]> = [
  ["a module beside it, as another name, among others", "import os, helper as h, sys", { "helper.py": "", "x.py": "" }, ["helper.py"]],
  ["a module's own imports", "import a", { "a.py": "import b", "b.py": "import c", "c.py": "" }, ["a.py", "b.py", "c.py"]],
  ["modules that import each other", "import a", { "a.py": "import b", "b.py": "import a" }, ["a.py", "b.py"]],
  ["a package and its submodule", "import p.q.r", {
    "p/__init__.py": "",
    "p/q/__init__.py": "",
    "p/q/r.py": "",
    "p/unused.py": ""
  }, ["p/__init__.py", "p/q/__init__.py", "p/q/r.py"]],
  ["names that are modules, and not those that aren't", "from p import (\n  m as n, # x\n  CONSTANT,\n)", {
    "p/__init__.py": "CONSTANT = 1",
    "p/m.py": ""
  }, ["p/__init__.py", "p/m.py"]],
  ["a namespace package", "from ns.inner import mod", { "ns/inner/mod.py": "" }, ["ns/inner/mod.py"]],
  ["a package rather than the module of the same name", "import p", { "p/__init__.py": "", "p.py": "" }, ["p/__init__.py"]],
  ["relative imports", "import p.a", {
    "p/__init__.py": "",
    "p/a.py": "from . import b\nfrom .c import thing\nfrom .. import nothing\nfrom .d.e import *",
    "p/b.py": "",
    "p/c.py": "",
    "p/d/e.py": ""
  }, ["p/__init__.py", "p/a.py", "p/b.py", "p/c.py", "p/d/e.py"]],
  ["imports made by name", "import importlib\nimportlib.import_module('a')\n__import__(\"b\")\nimport_module('c.d')", {
    "a.py": "",
    "b.py": "",
    "c/d.py": ""
  }, ["a.py", "b.py", "c/d.py"]],
  ["an import inside a function, behind a colon or a semicolon", "def f():\n  import a\nif x: import b; import c", {
    "a.py": "",
    "b.py": "",
    "c.py": ""
  }, ["a.py", "b.py", "c.py"]],
  ["no import that stands in a comment or a string", "# import a\n'''\nimport b\n'''\nx = 'import c'", {
    "a.py": "",
    "b.py": "",
    "c.py": ""
  }, []],
  ["what sys.path leads to, by literal", "import sys\nsys.path.append('lib')\nsys.path.insert(0, 'more')\nimport a, b", {
    "lib/a.py": "",
    "lib/unused.py": "",
    "more/b.py": ""
  }, ["lib/a.py", "more/b.py"]],
  ["what sys.path leads to, from this file", [
    "import os, sys",
    "sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))",
    "sys.path += [str(Path(__file__).resolve().parent / 'more')]",
    "HERE = os.path.dirname(__file__)",
    "sys.path.extend([os.path.join(HERE, 'third'), HERE + '/fourth'])",
    "import a, b, c, d"
  ].join("\n"), { "lib/a.py": "", "more/b.py": "", "third/c.py": "", "fourth/d.py": "" }, [
    "fourth/d.py",
    "lib/a.py",
    "more/b.py",
    "third/c.py"
  ]],
  ["what a module's sys.path makes findable for the script", "import setup_path\nimport late", {
    "setup_path.py": "import sys\nsys.path.append('lib')",
    "lib/late.py": ""
  }, ["lib/late.py", "setup_path.py"]],
  ["files in literals of every form", [
    "open('a.csv'); open(\"b b.csv\"); open(r'c.csv'); open('''d.csv'''); open(u'é.csv')",
    "open('data/' 'e.csv')",
    "open(os.path.join('data', 'f.csv'))",
    "(Path('data') / 'deep' / 'g.csv').read_text()",
    "Path('data').joinpath('h.csv')",
    "open(f'i.csv'); open(b'j.csv')"
  ].join("\n"), {
    "a.csv": "",
    "b b.csv": "",
    "c.csv": "",
    "d.csv": "",
    "é.csv": "",
    "data/e.csv": "",
    "data/f.csv": "",
    "data/deep/g.csv": "",
    "data/h.csv": "",
    "i.csv": "",
    "j.csv": ""
  }, ["a.csv", "b b.csv", "c.csv", "d.csv", "data/deep/g.csv", "data/e.csv", "data/f.csv", "data/h.csv", "i.csv", "é.csv"]],
  ["nothing for an f-string with a name in it", "open(f'{name}.csv')", { "{name}.csv": "", "x.csv": "" }, []],
  ["a package's data by its own place", "import p", {
    "p/__init__.py": "from pathlib import Path\nHERE = Path(__file__).parent\n(HERE / 'd.json').read_text()\nopen(HERE.parent / 'top.txt')",
    "p/d.json": "",
    "top.txt": ""
  }, ["p/__init__.py", "p/d.json", "top.txt"]],
  ["a pattern's files", "glob.glob('data/*.csv')\nPath('logs').rglob('*.log')", {
    "data/a.csv": "",
    "data/b.csv": "",
    "data/c.txt": "",
    "data/deep/d.csv": "",
    "logs/deep/x.log": ""
  }, ["data/a.csv", "data/b.csv", "logs/deep/x.log"]],
  ["nothing for regular expressions", "re.match(r'[a-z]*', x); re.match('.*', x); re.sub('**', '*', x)", { "abc": "", "z.py": "" }, []],
  ["a program that it starts, and what that imports", "subprocess.run(['python', 'worker.py'])", {
    "worker.py": "import job",
    "job.py": ""
  }, ["job.py", "worker.py"]]
]

describe("with a Python script travels", () => {
  for (const [what, main, others, travels] of cases) {
    it(`${what}`, async () => {
      const cwd = project({ ...others, "main.py": main })
      assert.deepStrictEqual((await summary(cwd)).files, [...travels].sort())
    })
  }

  it("what stands beside it, wherever it is run from", async () => {
    const root = project({ ".git/": "", "tools/x.py": "import near\nopen('cfg.json')", "tools/near.py": "", "tools/cfg.json": "", "work/": "" })
    const { files } = await summary(`${root}/work`, { script: "../tools/x.py" })
    assert.deepStrictEqual(files, [`${root}/tools/cfg.json`, `${root}/tools/near.py`])
  })

  it("what stands beside it though no project holds both", async () => {
    const place = project({ "x.py": "import near", "near.py": "" })
    const { files } = await summary(project({}), { script: `${place}/x.py` })
    assert.deepStrictEqual(files, [`${place}/near.py`])
  })
})
