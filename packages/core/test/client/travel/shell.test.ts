import { assert, describe, it } from "@effect/vitest"
import { project, summary, type Tree } from "./project.ts"

const cases: ReadonlyArray<readonly [what: string, main: string, others: Tree, travels: ReadonlyArray<string>]> = [
  ["what it sources or starts", "source a.sh\n. ./b.sh\nbash c.sh -x && ./d.sh | sh e.sh", {
    "a.sh": ". f.sh",
    "b.sh": "",
    "c.sh": "",
    "d.sh": "",
    "e.sh": "",
    "f.sh": "",
    "unused.sh": ""
  }, ["a.sh", "b.sh", "c.sh", "d.sh", "e.sh", "f.sh"]],
  ["what stands beside it, however that is written", [
    '. "$(dirname "$0")/a.sh"',
    "source $(dirname ${BASH_SOURCE[0]})/b.sh",
    '. "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/c.sh"',
    'DIR="$(cd -- "$(dirname -- "$0")" >/dev/null 2>&1 && pwd -P)"',
    '. "$DIR/d.sh"; . ${DIR}/e.sh',
    '. "${0%/*}/f.sh"',
    '. "$(dirname "$(readlink -f "$0")")/g.sh"'
  ].join("\n"), { "a.sh": "", "b.sh": "", "c.sh": "", "d.sh": "", "e.sh": "", "f.sh": "", "g.sh": "" }, [
    "a.sh",
    "b.sh",
    "c.sh",
    "d.sh",
    "e.sh",
    "f.sh",
    "g.sh"
  ]],
  ["files that are words", "cat a.csv 'b b.csv' <c.csv --in=d.csv >e.csv\nX=f.csv grep x g\\ g.csv", {
    "a.csv": "",
    "b b.csv": "",
    "c.csv": "",
    "d.csv": "",
    "e.csv": "",
    "f.csv": "",
    "g g.csv": ""
  }, ["a.csv", "b b.csv", "c.csv", "d.csv", "e.csv", "f.csv", "g g.csv"]],
  ["a Python program and its modules", "python3 job.py", { "job.py": "import m", "m.py": "" }, ["job.py", "m.py"]],
  ["nothing for comments and what only a run tells", "# cat a.csv\ncat $X/b.csv `ls`/c.csv\ncat x#d.csv", {
    "a.csv": "",
    "b.csv": "",
    "c.csv": "",
    "d.csv": ""
  }, []]
]

describe("with a shell script travels", () => {
  for (const [what, main, others, travels] of cases) {
    it(`${what}`, async () => {
      const cwd = project({ ...others, "main.sh": main })
      assert.deepStrictEqual((await summary(cwd, { script: "main.sh" })).files, travels)
    })
  }

  it("what an executable without an ending sources", async () => {
    const cwd = project({ "main.sh": "./tool", tool: "#!/bin/bash\n. lib.sh", "lib.sh": "" })
    assert.deepStrictEqual((await summary(cwd, { script: "main.sh" })).files, ["lib.sh", "tool"])
  })

  it("what a Ruby script requires by path and opens", async () => {
    const cwd = project({ "main.rb": "require_relative 'lib/a'\nFile.read(\"d.csv\") # 'x.csv'", "lib/a.rb": "", "d.csv": "" })
    assert.deepStrictEqual((await summary(cwd, { script: "main.rb" })).files, ["d.csv", "lib/a.rb"])
  })
})
