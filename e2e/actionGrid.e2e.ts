/** A step without a server brings its own grid and takes it away; a job that is canceled leaves nothing running. */
import { existsSync, readFileSync, realpathSync } from "node:fs"
import { join } from "node:path"
import { afterAll, afterEach, describe, expect, it } from "vitest"
import { named, type Ran, Step } from "./action/runner.ts"
import { stepOn, workspace } from "./action/steps.ts"
import { TestGrid, waitUntil } from "./harness.ts"
import { lateAnswer } from "./lateAnswer.ts"

const ofTheStep = /^(INPUT|STATE|ACTIONS|GITHUB)_/
const hello = {
  "hello.py": `import os, re
print('hello from', __name__)
print('knows', [name for name in os.environ if re.match(r"${ofTheStep.source}", name)])
`
}

describe("without a server", () => {
  const grid = new TestGrid()
  afterAll(() => grid.down())

  const step = (place: string, env: NodeJS.ProcessEnv) => new Step({ workspace: place, inputs: { script: "hello.py", "github-token": "ghs_of_the_step" }, env: { GITHUB_TOKEN: "ghs_of_the_job", ...env } }, grid.home)

  it("starts a grid, which later steps use and only its own step stops", async () => {
    const place = workspace(grid, hello)
    const env = { RGRID_HOME: grid.directory }
    const [one, two] = [step(place, env), step(place, env)]
    const first = await one.main().ran
    expect([first.code, first.log.includes("hello from __main__")], first.raw).toEqual([0, true])
    expect(first.log).toContain("knows []")
    expect(named(first, "add-mask").map(({ value }) => value)).toContain(grid.file().key)
    expect(readFileSync(`/proc/${grid.server()}/environ`, "utf8")).not.toContain("ghs_of_the")
    const second = await two.main().ran
    expect([second.code, second.raw.includes("Starting")], second.raw).toEqual([0, false])
    const stillUp = await two.post()
    expect([stillUp.code, grid.pids(/ server( |$)/).length > 0], stillUp.raw).toEqual([0, true])
    const down = await one.post()
    expect([down.code, grid.pids(/server|runner|postgres|keeper/)], down.raw + down.stderr).toEqual([0, []])
  })

  it("leaves no directory of its own", async () => {
    const place = workspace(grid, hello)
    const alone = step(place, {})
    const ran = await alone.main().ran
    const { directory } = JSON.parse(ran.state["grid"] ?? "{}")
    expect([ran.code, existsSync(directory)], ran.raw).toEqual([0, true])
    await alone.post()
    expect(existsSync(directory)).toBe(false)
  })

  it("is started and stopped where the checked out repository says nothing, which may bring an .npmrc", async () => {
    const place = workspace(grid, { ...hello, "tell.mjs": "import { appendFileSync } from 'node:fs'\nappendFileSync(process.env.SEEN, `${process.argv[2]} ${process.cwd()}\\n`)\n" })
    const seen = join(place, "seen")
    const env = { RUNNER_TEMP: realpathSync(grid.workplace()), SEEN: seen, RGRID_BIN: "./tell.mjs" }
    const odd = step(place, env)
    expect((await odd.main().ran).code).toBe(1)
    expect((await odd.post()).code).toBe(0)
    expect(readFileSync(seen, "utf8")).toBe(`up ${env.RUNNER_TEMP}\ndown ${env.RUNNER_TEMP}\n`)
  })

  it("is down also where its directory can't be removed", async () => {
    const place = workspace(grid, hello)
    const left = { command: [process.execPath, "-e", ""], directory: join(place, "hello.py/grid"), temporary: true }
    const post = await step(place, { STATE_main: "began", STATE_grid: JSON.stringify(left) }).post()
    expect([post.code, post.log.includes("The grid of this machine is down.")], post.raw).toEqual([0, true])
    expect(named(post, "warning").map(({ value }) => value)).toEqual([expect.stringContaining("hello.py/grid was not removed")])
  })

  it("tells why none starts", async () => {
    const ran = await step(workspace(grid, hello), { RGRID_HOME: `${grid.home}/other`, RGRID_BIN: "/gone/rgrid" }).main().ran
    expect([ran.code, ran.raw], ran.raw).toEqual([1, expect.stringContaining("did not start")])
  })
})

describe("a canceled job", () => {
  const grid = new TestGrid()
  const sleeper = { "sleep.py": "import sys, time\nprint('asleep', flush=True)\ntime.sleep(600)\n", "in/a": "", "in/b": "" }
  let started: { readonly child: { readonly kill: (signal: NodeJS.Signals) => boolean }; readonly ran: Promise<Ran> } | null = null

  afterEach(async () => {
    started?.child.kill("SIGKILL")
    await started?.ran
  })
  afterAll(() => grid.down())

  const asleep = async (inputs: Record<string, string>) => {
    await grid.up("process")
    const step = stepOn(grid, workspace(grid, sleeper), { script: "sleep.py", ...inputs })
    started = step.main()
    const id = await waitUntil("its id is saved", () => step.state()["running"])
    return { step, id, main: started }
  }

  const stateOf = async (id: string) => (await grid.json(["status", id])).state

  it.each(["SIGINT", "SIGTERM"] as const)("cancels what runs, by %s", async (signal) => {
    const { id, main } = await asleep({})
    await waitUntil("it runs", async () => (await stateOf(id)) === "running" ? true : undefined)
    main.child.kill(signal)
    expect((await main.ran).code).toBe(130)
    await waitUntil("it is canceled", async () => (await stateOf(id)) === "canceled" ? true : undefined)
  })

  it("cancels all of a batch", async () => {
    const { id, main } = await asleep({ batch: "in/*" })
    main.child.kill("SIGINT")
    expect((await main.ran).code).toBe(130)
    await waitUntil("all are canceled", async () => (await grid.json(["status", id])).counts.canceled === 2 ? true : undefined)
  })

  it.each([["execution", {}], ["batch", { batch: "in/*" }]])("cancels also what it has not heard of yet: %s", async (kind, inputs) => {
    await grid.up("process")
    const place = workspace(grid, sleeper)
    // Nothing of it is missing there, so that it starts at once.
    expect((await grid.run(["run", "sleep.py", "--timeout", "1"], { cwd: place })).code).toBe(124)
    expect((await grid.run(["run", "sleep.py", "--timeout", "1", "--batch", "in/*"], { cwd: place })).code).toBe(1)
    const late = await lateAnswer(grid.file().url)
    try {
      started = stepOn(grid, place, { script: "sleep.py", server: late.url, ...inputs }).main()
      const { [kind]: { id } } = await late.kept
      started.child.kill("SIGINT")
      expect((await started.ran).code).toBe(130)
      const ended = async () => {
        const now = await grid.json(["status", id])
        return (now.counts?.canceled ?? (now.state === "canceled" ? 2 : 0)) === 2 ? true : undefined
      }
      await waitUntil("it is canceled", ended)
    } finally {
      late.close()
    }
  })

  it("cancels at the job's end what a killed step left", async () => {
    const { id, main, step } = await asleep({})
    main.child.kill("SIGKILL")
    await main.ran
    expect(await stateOf(id)).not.toBe("canceled")
    const post = await step.post()
    expect(post.raw).toContain(`Canceling ${id}`)
    await waitUntil("it is canceled", async () => (await stateOf(id)) === "canceled" ? true : undefined)
  })
})
