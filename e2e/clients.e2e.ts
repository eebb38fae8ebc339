/** Clients that nobody here wrote: generated from `/openapi.json`, for Python and for TypeScript. */
import { appendFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Finished, local, TestGrid } from "./harness.ts"
import { npm, pip } from "./installs.ts"

const grid = new TestGrid()
const clients = join(import.meta.dirname, "clients")
let document: string

beforeAll(async () => {
  await grid.up("process")
  document = await (await fetch(new URL("/openapi.json", grid.file().url))).text()
})
afterAll(() => grid.down())

const place = (client: string, lines: number): string => {
  const made = grid.workplace(join(clients, client), join(clients, "count.py"))
  writeFileSync(join(made, "openapi.json"), document)
  writeFileSync(join(made, "data.txt"), "line\n".repeat(lines))
  // The grid has the bytes of neither before.
  appendFileSync(join(made, "count.py"), `# ${client}\n`)
  return made
}

const told = ({ code, stderr, stdout }: Finished): unknown => {
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout.toString())
}

const done = (lines: number) => ({
  state: "completed",
  exitCode: 0,
  ended: true,
  sent: 2,
  log: expect.stringContaining(`data.txt ${lines}\n`),
  made: { "out/count.txt": `data.txt: ${lines}\n` },
  problem: ["NotFound", 404, "GET /api/v1/executions lists those of your account."]
})

describe("a generated client", () => {
  it("in Python submits a file, waits, reads the log and downloads", async () => {
    const cwd = place("generated.py", 5)
    const programs = await pip(cwd, "openapi-python-client==0.29.1")
    const generate = ["generate", "--path", "openapi.json", "--meta", "none", "--output-path", "rgrid_client"]
    const generated = await local(join(programs, "openapi-python-client"), generate, cwd)
    expect(generated.code, generated.stdout.toString()).toBe(0)
    const ran = await local(join(programs, "python"), ["generated.py", "count.py", "data.txt"], cwd, grid.named())
    expect(told(ran)).toEqual(done(5))
  })

  it("in TypeScript does the same, and its types say so before", async () => {
    const cwd = place("generated.ts", 6)
    await npm(cwd, "openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "typescript@5.9.3", "@types/node@24.19.2")
    const generated = await local("npx", ["openapi-typescript", "openapi.json", "-o", "rgrid.d.ts"], cwd)
    expect(generated.code, generated.stderr).toBe(0)
    const strict = [
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "esnext",
      "--allowImportingTsExtensions",
      "--types",
      "node"
    ]
    const checked = await local("npx", ["tsc", ...strict, "generated.ts"], cwd)
    expect(checked.code, checked.stdout.toString()).toBe(0)
    const ran = await local(process.execPath, ["generated.ts", "count.py", "data.txt"], cwd, grid.named())
    expect(told(ran)).toEqual(done(6))
  })
})
