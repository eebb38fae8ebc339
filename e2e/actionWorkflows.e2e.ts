/** The example workflows, read by actionlint and run by act: two programs that others wrote. */
import { cpSync, globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { act, actionDirectory, actionlint, repository, runWorkflow, withLocalAction, workflows } from "./action/act.ts"
import { examples, local, TestGrid } from "./harness.ts"

const grid = new TestGrid()
const root = fileURLToPath(new URL("..", import.meta.url))
afterAll(() => grid.down())

const wordcount = () => Object.fromEntries(["wordcount.py", "text.txt"].map((name) => [name, readFileSync(join(examples, "wordcount", name), "utf8")]))

describe.skipIf(actionlint === null)("actionlint", () => {
  it("finds nothing in any workflow of this repository", async () => {
    const files = [workflows, join(root, ".github/workflows")].flatMap((place) => globSync("*.{yml,yaml}", { cwd: place }).map((name) => join(place, name)))
    expect(files.length).toBeGreaterThanOrEqual(5)
    const { code, stdout } = await local(actionlint!, ["-no-color", ...files], root)
    expect([code, stdout.toString()]).toEqual([0, ""])
  })

  it("finds no input or output that the Action has not", async () => {
    const place = withLocalAction(grid)
    const { code, stdout } = await local(actionlint!, ["-no-color"], place)
    expect([code, stdout.toString()]).toEqual([0, ""])
  })
})

describe.skipIf(act === null)("act, with no grid yet", () => {
  const alone = new TestGrid()
  afterAll(() => alone.down())

  it("runs a script on a grid that the step starts and its end stops; a later step reads what it made", async () => {
    const place = await repository(alone, wordcount())
    const { code, text } = await runWorkflow(alone, place, "script.yml")
    expect(code, text).toBe(0)
    for (const said of ["Starting a grid on this machine", "204 words", "completed after all of it", "the,26"]) expect(text).toContain(said)
    expect(text).toMatch(/Summary - ### ✅/)
    expect(text).toMatch(/Success - Post rgrid\/run-script@v1/)
    expect(alone.pids(/server|runner|postgres|keeper/)).toEqual([])
  })
})

describe.skipIf(act === null)("act", () => {
  beforeAll(() => grid.up("process"))

  it("runs a batch, of which some may fail", async () => {
    const shout = "import sys\ntext = open(sys.argv[1]).read()\nassert text, 'it is empty'\nopen(sys.argv[2], 'w').write(text.upper())\n"
    const place = await repository(grid, { "shout.py": shout, "texts/a.txt": "a", "texts/b.txt": "b", "texts/none.txt": "" })
    const { code, text } = await runWorkflow(grid, place, "batch.yml")
    expect(code, text).toBe(0)
    for (const said of ["✓ texts/a.txt", "✗ texts/none.txt", "2 succeeded, 1 failed", "1 of them failed"]) expect(text).toContain(said)
    expect(text).toMatch(/::warning .*file=shout\.py,line=3/)
  })

  it("runs a matrix, each leg for itself", async () => {
    const seed = "import sys\nopen('result.txt', 'w').write('seed is ' + sys.argv[1] + '\\n')\n"
    const place = await repository(grid, { "seed.py": seed })
    const { code, text } = await runWorkflow(grid, place, "matrix.yml")
    expect(code, text).toBe(0)
    for (const leg of [1, 2, 3]) expect(text).toContain(`seed is --seed=${leg}`)
    expect(new Set(text.match(/execution-id=exec_\w+/g)).size).toBe(3)
  })

  it("tells how a check ended, also where GitHub can't be told", async () => {
    const place = await repository(grid, { "check.py": "raise ValueError('no good')\n" })
    const { code, text } = await runWorkflow(grid, place, "pull-request.yml", { event: "pull_request" })
    expect(code, text).toBe(0)
    expect(text).toMatch(/::warning .*file=check\.py,line=1/)
    expect(text).toContain("There is no comment and no status")
  })

  it("masks the key and what is named a secret, on a grid of its own", async () => {
    const nightly = "import os\nfor letter in os.environ['DATABASE_PASSWORD'], os.environ['MODE']: print('told', letter)\n"
    const place = await repository(grid, { "nightly.py": nightly })
    const { key, url } = grid.file()
    const { code, text } = await runWorkflow(grid, place, "server.yml", {
      event: "workflow_dispatch",
      vars: { RGRID_URL: url },
      secrets: { RGRID_API_KEY: key, DATABASE_PASSWORD: "p4ssw0rd-of-it" }
    })
    expect(code, text).toBe(0)
    expect(text).toContain("told full")
    expect(text).toContain("cost 0 EUR")
    expect(text).not.toContain("p4ssw0rd-of-it")
    expect(text).not.toContain(key)
  })

  it("masks what only the step knows, and obeys no line of a script", async () => {
    const place = await repository(grid, {
      "tell.py": "import os\nprint(os.environ['SESSION_TOKEN'])\nprint('::set-output name=forged::yes')\nprint('::error::forged')\nprint('##[error]forged')\nprint('no end::error::forged', end='')\n",
      ".github/workflows/own.yml": `on: push
jobs:
  own:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - id: make
        run: echo "token=made-$(printf 'h%s' ere)" >> "$GITHUB_OUTPUT"
      - uses: ./own/action
        id: tell
        with:
          script: tell.py
          env: SESSION_TOKEN=\${{ steps.make.outputs.token }}
      - run: echo "forged is '\${{ steps.tell.outputs.forged }}'"
`
    })
    // As a directory of the same repository.
    for (const name of ["action.yml", "package.json", "dist"]) cpSync(join(actionDirectory, name), join(place, "own/action", name), { recursive: true })
    const { code, text } = await runWorkflow(grid, place, "own.yml")
    expect(code, text).toBe(0)
    expect(text).toContain("forged is ''")
    const step = text.slice(text.indexOf("::stop-commands::"), text.indexOf("::endgroup::"))
    expect(step).toContain("***")
    expect(step).not.toContain("made-here")
    expect(text).not.toMatch(/(❗|🚧).*forged/u)
  })

  it("ends a failing script's step as fail-on says", async () => {
    const place = await repository(grid, {
      "some.py": "import sys\nassert sys.argv[1] != 'b', 'no b'\n",
      ".github/workflows/own.yml": `on: push
jobs:
  own:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        fail-on: [any, all, never]
        items: ["", "{a,b}", "{b,b}"]
    steps:
      - uses: actions/checkout@v5
      - uses: rgrid/run-script@v1
        id: some
        continue-on-error: true
        with:
          script: some.py
          args: \${{ matrix.items == '' && 'b' || '' }}
          batch: \${{ matrix.items }}
          fail-on: \${{ matrix.fail-on }}
      - run: echo "\${{ matrix.fail-on }} \${{ matrix.items }} \${{ steps.some.outcome }} \${{ steps.some.outputs.failed }}"
`
    })
    const { code, text } = await runWorkflow(grid, place, "own.yml")
    expect(code, text).toBe(0)
    const alone = ["any  failure 1", "all  failure 1", "never  success 1"]
    const ends = [...alone, "any {a,b} failure 1", "all {a,b} success 1", "never {a,b} success 1", "any {b,b} failure 2", "all {b,b} failure 2", "never {b,b} success 2"]
    for (const end of ends) expect(text).toContain(end)
  })
})
