/** The Action as it is published: a directory of its own, whose grid comes from npm. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { actionDirectory } from "./action/act.ts"
import { Step } from "./action/runner.ts"
import { workspace } from "./action/steps.ts"
import { rgridProgram, TestGrid } from "./harness.ts"

const grid = new TestGrid()
afterAll(() => grid.down())

const { version } = JSON.parse(readFileSync(join(actionDirectory, "package.json"), "utf8"))

/** Nobody has published this version yet: what `npm exec` is asked for stands here already. */
const npm = `#!/bin/sh
[ "$1 $2 $3 $4 $5" = "exec --yes --package=@rgrid/cli@${version} -- rgrid-cli" ] || { echo "npm was asked: $*" >&2; exit 9; }
shift 5
exec "${process.execPath}" "${rgridProgram}" "$@"
`

it("starts and stops the grid of its own version", async () => {
  const alone = mkdtempSync(join(grid.home, "run-script-"))
  for (const name of ["action.yml", "package.json", "README.md", "dist"]) {
    cpSync(join(actionDirectory, name), join(alone, name), { recursive: true })
  }
  mkdirSync(join(alone, "bin"))
  writeFileSync(join(alone, "bin/npm"), npm, { mode: 0o755 })
  const step = new Step({
    workspace: workspace(grid, { "hello.py": "print('hello')\n" }),
    inputs: { script: "hello.py" },
    env: { RGRID_HOME: grid.directory, PATH: [join(alone, "bin"), process.env["PATH"]].join(delimiter) },
    program: join(alone, "dist/index.js")
  }, grid.home)
  const ran = await step.main().ran
  expect([ran.code, ran.log.includes("hello")], ran.raw + ran.stderr).toEqual([0, true])
  const post = await step.post()
  expect([post.code, grid.pids(/server|runner|postgres|keeper/)], post.raw).toEqual([0, []])
})
