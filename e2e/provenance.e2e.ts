/** Executions know the commit and the run they come from, whoever starts them. */
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { run, workspace } from "./action/steps.ts"
import { git, local, TestGrid } from "./harness.ts"

const grid = new TestGrid()
const library = join(import.meta.dirname, "../packages/core/dist/index.js")

beforeAll(() => grid.up("process"))
afterAll(() => grid.down())

const repository = async () => {
  const place = workspace(grid, { "a.py": "print(1)\n" })
  await git(place, "init", "-b", "main")
  await git(place, "add", "-A")
  await git(place, "commit", "-m", "one")
  return { place, commit: await git(place, "rev-parse", "HEAD") }
}

const found = async (...pairs: ReadonlyArray<string>) =>
  await grid.json(["list", ...pairs.flatMap((pair) => ["--metadata", pair])]) as ReadonlyArray<any>

it("is found by its commit, from the command line, a batch and the library", async () => {
  const { commit, place } = await repository()
  const alone = await grid.run(["run", "a.py"], { cwd: place })
  const batch = await grid.run(["run", "a.py", "--batch", "{1..2}"], { cwd: place })
  const program = `import { run } from ${JSON.stringify(library)}; const { metadata } = await run("a.py"); console.log(JSON.stringify(metadata))`
  const sdk = await local(process.execPath, ["--input-type=module", "-e", program], place, grid.named())
  expect([alone.code, batch.code, sdk.code], sdk.stderr).toEqual([0, 0, 0])
  expect(JSON.parse(sdk.stdout.toString())).toEqual({ commit, ref: "refs/heads/main" })
  const executions = await found(`commit=${commit}`, "ref=refs/heads/main")
  expect(executions).toHaveLength(4)
})

it("knows the workflow in CI; what is given stands above it", async () => {
  const { place } = await repository()
  const env = { GITHUB_SHA: "e".repeat(40), GITHUB_REF: "refs/heads/dev", GITHUB_ACTOR: "ada", GITHUB_REPOSITORY: "o/r" }
  const ran = await run(grid, place, { script: "a.py" }, env)
  expect(ran.code, ran.raw).toBe(0)
  const [execution] = await found(`commit=${"e".repeat(40)}`)
  expect(execution.metadata).toEqual({
    commit: "e".repeat(40),
    ref: "refs/heads/dev",
    actor: "ada",
    workflow: "Nightly",
    run: "https://github.com/o/r/actions/runs/42"
  })
  const given = await grid.run(["run", "a.py", "--metadata", "commit=mine"], { cwd: place, env: { ...env, GITHUB_ACTIONS: "true" } })
  expect(given.code, given.stderr).toBe(0)
  expect((await found("commit=mine"))[0].metadata).toMatchObject({ commit: "mine", ref: "refs/heads/dev" })
})

it("is no part of what an idempotency key stands for", async () => {
  const { place } = await repository()
  const program = `import { run } from ${JSON.stringify(library)}; const { id } = await run("a.py", [], { idempotencyKey: "once" }); console.log(id)`
  const call = () => local(process.execPath, ["--input-type=module", "-e", program], place, grid.named())
  const first = await call()
  await git(place, "commit", "--allow-empty", "-m", "two")
  const second = await call()
  expect([second.code, second.stdout.toString()], second.stderr).toEqual([0, first.stdout.toString()])
})
