/** Every example of another language or framework does what its README says, with what its users install. */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Between, between, type Instead } from "./between.ts"
import { examples, has, local, TestGrid, waitUntil } from "./harness.ts"
import { npm, packed, pip, succeeds } from "./installs.ts"
import { siteOf } from "./site.ts"

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

/** Goes on in the background, with all that it starts, until the tests are over; answers what it has said so far. */
const start = (program: string, args: ReadonlyArray<string>, cwd: string, env: NodeJS.ProcessEnv): () => string => {
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] })
  let said = ""
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (piece: string) => said += piece)
  started.push(child)
  return () => said
}

/** What the grid says while its database is away, and what a proxy before it says while it is away itself. */
const itself: Instead = {
  status: 503,
  type: "application/problem+json",
  body: JSON.stringify({ code: "Unavailable", status: 503, detail: "The grid is away.", remediation: "Try again." })
}
const proxy: Instead = { status: 502, type: "text/html", body: "<h1>Bad Gateway</h1>" }

/** The grid's address, where those who ask first are answered so. */
const awayAtFirst = (...answers: ReadonlyArray<Instead>): Promise<Between> => {
  const left = [...answers]
  return between(grid.file().url, { answer: () => left.shift() ?? null })
}

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

  it.skipIf(!has("jq"))("for curl takes an empty file, and sends nothing where one is missing", async () => {
    const cwd = copyOf("http")
    writeFileSync(join(cwd, "none.txt"), "")
    const ran = await local("./curl.sh", ["report.py", "none.txt"], cwd, grid.named())
    expect([ran.code, ran.stdout.toString()], ran.stderr).toEqual([0, "0 numbers\n"])
    const before = await grid.json(["list"])
    const missing = await local("./curl.sh", ["report.py", "missing.txt"], cwd, grid.named())
    expect([missing.code, missing.stderr]).toEqual([expect.any(Number), expect.stringContaining("missing.txt")])
    expect(missing.code).not.toBe(0)
    expect(await grid.json(["list"])).toEqual(before)
  })

  it.skipIf(!has("jq"))("for curl writes below its directory only, whatever the names", async () => {
    const cwd = copyOf("http")
    const outside = grid.workplace()
    symlinkSync(outside, join(cwd, "link"))
    const names = ["back\\slash\ttab", "größe 1/x", "-n", "link/in.txt", "report.txt"]
    const makes = "import os\nfor name in NAMES:\n  os.makedirs('./' + os.path.dirname(name), exist_ok=True)\n  open(name, 'w').write(name)\n"
    writeFileSync(join(cwd, "makes.py"), makes.replace("NAMES", JSON.stringify(names)))
    const ran = await local("./curl.sh", ["makes.py"], cwd, grid.named())
    expect(ran.code, ran.stderr).toBe(0)
    expect(ran.stderr).toContain("left on the grid: link/in.txt\n")
    expect(existsSync(join(outside, "in.txt"))).toBe(false)
    for (const name of names.filter((one) => one !== "link/in.txt")) expect(readFileSync(join(cwd, name), "utf8")).toBe(name)
  })

  it("for Django and Celery queues a task that the grid works on, and again where the grid was away", async () => {
    const cwd = copyOf("python-celery")
    const programs = await pip(cwd, "--requirement", "requirements.txt")
    for (const directory of ["queue", "results"]) mkdirSync(join(cwd, directory))
    const away = await awayAtFirst(itself, proxy)
    const env = {
      ...grid.named(),
      PYTHONUNBUFFERED: "1",
      CELERY_BROKER_URL: "filesystem://",
      CELERY_RESULT_BACKEND: `file://${cwd}/results`
    }
    const worker = ["--app", "tasks", "worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "INFO"]
    const log = start(join(programs, "celery"), worker, cwd, { ...env, RGRID_URL: away.url })
    const site = `${await siteOf(start(join(programs, "python"), ["app.py", "runserver", "--noreload", "0"], cwd, env))}/reports`
    const queued = await posted(`${site}/numbers.txt`, "")
    expect(queued.status).toBe(202)
    const ended = async (answer: typeof queued) => {
      const { task } = JSON.parse(answer.text) as { task: string }
      const told = await waitUntil("the task has ended", async () => {
        const asked = await fetch(`${site}/${task}`)
        return asked.status === 202 ? undefined : asked.json()
      })
      return { told, retries: log().split("\n").filter((line) => line.includes(`[${task}] retry: `)) }
    }
    const report = await ended(queued)
    expect(report.told, log()).toMatchObject({ state: "SUCCESS", report: "numbers.txt: 10\n" })
    const causes = ["The grid is away. Try again.", "502 Bad Gateway"].map((cause) => expect.stringContaining(cause))
    expect(report.retries).toEqual(causes)
    const missing = await ended(await posted(`${site}/missing.txt`, ""))
    expect(missing, log()).toMatchObject({ told: { state: "FAILURE", error: expect.stringContaining("No such file") }, retries: [] })
    away.close()
    const again = "import grid, tasks\ntry: grid.wait('x')\nexcept tasks.report.autoretry_for: print('again')"
    const unreachable = await local(join(programs, "python"), ["-c", again], cwd, { ...env, RGRID_URL: away.url })
    expect(unreachable.stdout.toString(), unreachable.stderr).toBe("again\n")
    const refused = await local(join(programs, "python"), ["-c", "import grid; grid.wait('exec_nope')"], cwd, env)
    expect(refused.stderr).toContain("grid.Refused: There is no execution exec_nope.")
  })

  describe.skipIf(!has("ruby"))("for Rails and Sidekiq", () => {
    /** As much of Sidekiq as keeps what a job says of its retries. */
    const sidekiq = `
      module Sidekiq
        module Job
          module Options
            attr_reader :asked
            def sidekiq_retry_in(&block) = @asked = block
          end
          def self.included(job) = job.extend(Options)
        end
      end`
    /** What its job answers; where it raises: what, and what Sidekiq is told to do then: nil is to do it again. */
    const program = (file: string) => `${sidekiq}
      require "./report_job"
      begin
        puts ReportJob.new.perform("${file}")
      rescue => error
        warn error.message
        abort "#{error.class}, again: #{ReportJob.again?(error)}, Sidekiq: #{ReportJob.asked.call(0, error, {}).inspect}"
      end`
    const job = (file: string, cwd: string, env = grid.named()) => local("ruby", ["-e", program(file)], cwd, env)

    it("runs its job with Ruby's standard library", async () => {
      const cwd = copyOf("rails-sidekiq")
      const ran = await local("ruby", ["-r", "./report_job.rb", "-e", "puts ReportJob.new.perform('numbers.txt')"], cwd, grid.named())
      expect([ran.code, ran.stdout.toString()], ran.stderr).toEqual([0, "numbers.txt: 10\n"])
    })

    it("does not repeat a script that failed or was canceled", async () => {
      const cwd = copyOf("rails-sidekiq")
      const failed = await job("wrong.txt", cwd)
      expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining("ValueError")])
      expect(failed.stderr).toContain("ReportJob::Failed, again: false, Sidekiq: :kill\n")
      writeFileSync(join(cwd, "report.py"), "import time\ntime.sleep(600)\n")
      const running = job("numbers.txt", cwd)
      const [{ id }] = await waitUntil("it runs", async () => {
        const found = await grid.json(["list", "--status", "running"])
        return found.length === 1 ? found : undefined
      })
      await grid.run(["cancel", id])
      const { code, stderr } = await running
      expect([code, stderr]).toEqual([1, `${id} canceled: \nReportJob::Failed, again: false, Sidekiq: :kill\n`])
    })

    it("repeats what the grid could not do now, and not what it refuses", async () => {
      const cwd = copyOf("rails-sidekiq")
      const away = await awayAtFirst(itself, proxy)
      const elsewhere = { ...grid.named(), RGRID_URL: away.url }
      const again = "again: true, Sidekiq: nil\n"
      const unavailable = await job("numbers.txt", cwd, elsewhere)
      expect(unavailable).toMatchObject({ code: 1, stderr: `The grid is away. Try again.\nRGrid::Unavailable, ${again}` })
      expect(await job("numbers.txt", cwd, elsewhere)).toMatchObject({ code: 1, stderr: `502 Bad Gateway\nRGrid::Unavailable, ${again}` })
      away.close()
      expect((await job("numbers.txt", cwd, elsewhere)).stderr).toContain(`Errno::ECONNREFUSED, ${again}`)
      const never = "again: false, Sidekiq: :kill\n"
      const refused = await job("numbers.txt", cwd, { ...grid.named(), RGRID_API_KEY: "nonsense" })
      expect(refused.stderr).toContain(`RGrid::Refused, ${never}`)
      expect((await job("missing.txt", cwd)).stderr).toContain(`Errno::ENOENT, ${never}`)
    })
  })

  it("for Express answers a request with what a script made", async () => {
    const cwd = copyOf("express")
    await npm(cwd, await packed(grid.workplace()))
    const url = `${await siteOf(start(process.execPath, ["app.mjs"], cwd, { ...grid.named(), PORT: "0" }))}/reports`
    expect(await posted(url, numbers)).toEqual({ status: 200, text: "numbers.txt: 10\n" })
    expect(await posted(url, "many\n")).toEqual({ status: 422, text: expect.stringContaining("\"exitCode\":1") })
  })

  it("for Next.js builds, and its route answers with what a script made", async () => {
    const cwd = copyOf("nextjs")
    await npm(cwd, await packed(grid.workplace()))
    const env = { ...grid.named(), NEXT_TELEMETRY_DISABLED: "1" }
    const next = join(cwd, "node_modules/next/dist/bin/next")
    await succeeds(process.execPath, [next, "build"], cwd)
    const url = `${await siteOf(start(process.execPath, [next, "start", "--port", "0"], cwd, env))}/reports`
    expect(await posted(url, numbers)).toEqual({ status: 200, text: "numbers.txt: 10\n" })
    expect(await posted(url, "many\n")).toEqual({ status: 422, text: expect.stringContaining("\"exitCode\":1") })
  })
})
