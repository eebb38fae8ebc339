/** Every example of another language or framework does what its README says, with what its users install. */
import { type ChildProcess, spawn } from "node:child_process"
import { createServer } from "node:net"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { examples, has, local, TestGrid, waitUntil } from "./harness.ts"
import { npm, packed, pip, succeeds } from "./installs.ts"

const grid = new TestGrid()
const numbers = "1\n2\n3\n4\n"
const started: Array<ChildProcess> = []

beforeAll(() => grid.up("process"))
afterAll(async () => {
  for (const { pid } of started) {
    try {
      process.kill(-pid!, "SIGKILL")
    } catch {
      // It has ended.
    }
  }
  await grid.down()
})

const copyOf = (example: string): string => {
  const cwd = join(grid.workplace(join(examples, example)), example)
  writeFileSync(join(cwd, "numbers.txt"), numbers)
  writeFileSync(join(cwd, "wrong.txt"), "many\n")
  return cwd
}

/** Goes on in the background, with all that it starts, until the tests are over. */
const start = (program: string, args: ReadonlyArray<string>, cwd: string, env: NodeJS.ProcessEnv): void => {
  started.push(spawn(program, args, { cwd, env, detached: true, stdio: "ignore" }))
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === "object" ? address!.port : 0))
    })
  })

const answering = (url: string): Promise<true> =>
  waitUntil(`${url} answers`, () => fetch(url).then(() => true as const))

const posted = async (url: string, body: string) => {
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "text/plain" }, body })
  return { status: answer.status, text: await answer.text() }
}

describe("the example", () => {
  it.skipIf(!has("jq"))("for curl runs a script, shows its output, and has its exit code", async () => {
    const cwd = copyOf("http")
    const ran = await local("./curl.sh", ["report.py", "numbers.txt"], cwd, grid.named())
    expect([ran.code, ran.stdout.toString()], ran.stderr).toEqual([0, "4 numbers\n"])
    expect(readFileSync(join(cwd, "report.txt"), "utf8")).toBe("numbers.txt: 10\n")
    const failed = await local("./curl.sh", ["report.py", "wrong.txt"], cwd, grid.named())
    expect([failed.code, failed.stdout.toString()]).toEqual([1, expect.stringContaining("ValueError")])
    const refused = await local(
      "./curl.sh",
      ["report.py", "numbers.txt"],
      cwd,
      { ...grid.named(), RGRID_API_KEY: "nonsense" }
    )
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/^Unauthorized: .*an admin of the grid makes keys\.$/m)
    ])
  })

  it("for Django and Celery queues a task that the grid works on", async () => {
    const cwd = copyOf("python-celery")
    const programs = await pip(cwd, "--requirement", "requirements.txt")
    for (const directory of ["queue", "results"]) mkdirSync(join(cwd, directory))
    const env = { ...grid.named(), CELERY_BROKER_URL: "filesystem://", CELERY_RESULT_BACKEND: `file://${cwd}/results` }
    start(join(programs, "celery"), ["--app", "tasks", "worker", "--pool", "threads", "--concurrency", "2"], cwd, env)
    const port = await freePort()
    start(join(programs, "python"), ["app.py", "runserver", "--noreload", String(port)], cwd, env)
    const site = `http://127.0.0.1:${port}/reports`
    await answering(site)
    const queued = await posted(`${site}/numbers.txt`, "")
    expect(queued.status).toBe(202)
    const { task } = JSON.parse(queued.text) as { task: string }
    const answer = await waitUntil("the report is there", async () => {
      const told = await fetch(`${site}/${task}`)
      return told.status === 202 ? undefined : told.json()
    })
    expect(answer).toMatchObject({ state: "SUCCESS", report: "numbers.txt: 10\n" })
    const refused = await local(join(programs, "python"), ["-c", "import grid; grid.wait('exec_nope')"], cwd, env)
    expect(refused.stderr).toContain("grid.Refused: There is no execution exec_nope.")
  })

  it.skipIf(!has("ruby"))("for Rails and Sidekiq runs its job with Ruby's standard library", async () => {
    const cwd = copyOf("rails-sidekiq")
    const job = (file: string) =>
      local("ruby", ["-r", "./report_job.rb", "-e", `puts ReportJob.new.perform("${file}")`], cwd, grid.named())
    const ran = await job("numbers.txt")
    expect([ran.code, ran.stdout.toString()], ran.stderr).toEqual([0, "numbers.txt: 10\n"])
    const failed = await job("wrong.txt")
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining("ValueError")])
  })

  it("for Express answers a request with what a script made", async () => {
    const cwd = copyOf("express")
    await npm(cwd, "express@5", await packed(grid.workplace()))
    const port = await freePort()
    start(process.execPath, ["app.mjs"], cwd, { ...grid.named(), PORT: String(port) })
    const url = `http://127.0.0.1:${port}/reports`
    await answering(url)
    expect(await posted(url, numbers)).toEqual({ status: 200, text: "numbers.txt: 10\n" })
    expect(await posted(url, "many\n")).toEqual({ status: 422, text: expect.stringContaining("\"exitCode\":1") })
  })

  it("for Next.js builds, and its route answers with what a script made", async () => {
    const cwd = copyOf("nextjs")
    await npm(cwd, await packed(grid.workplace()))
    const env = { ...grid.named(), NEXT_TELEMETRY_DISABLED: "1" }
    const next = join(cwd, "node_modules/next/dist/bin/next")
    await succeeds(process.execPath, [next, "build"], cwd)
    const port = await freePort()
    start(process.execPath, [next, "start", "--port", String(port)], cwd, env)
    const url = `http://127.0.0.1:${port}/reports`
    await answering(url)
    expect(await posted(url, numbers)).toEqual({ status: 200, text: "numbers.txt: 10\n" })
    expect(await posted(url, "many\n")).toEqual({ status: 422, text: expect.stringContaining("\"exitCode\":1") })
  })
})
