/** What an execution costs, why it is as it is, and how far it is: through the commands, on a machine with a price. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { scripts, TestGrid, waitUntil } from "./harness.ts"

let grid: TestGrid
let place: string

const text = async (...args: ReadonlyArray<string>): Promise<string> => {
  const { code, stderr, stdout } = await grid.run(args, { cwd: place })
  expect(code, stderr).toBe(0)
  return stdout.toString()
}

const detached = async (...args: ReadonlyArray<string>): Promise<string> => (await text("run", "--detach", ...args)).trim()

const inState = (id: string, state: string) =>
  waitUntil(`${id} is ${state}`, async () => (await grid.json(["status", id])).state === state || undefined)

beforeAll(async () => {
  grid = new TestGrid({ RGRID_SLOTS: "1", RGRID_HOURLY_COST: "36000" })
  await grid.up("process")
  place = grid.workplace(join(scripts, "numbered.py"), join(scripts, "exit3.py"), join(scripts, "steps.py"))
})
afterAll(() => grid.down())

describe("cost", () => {
  it("is the same to the micro in status, list and cost", async () => {
    await text("run", "numbered.py", "a", "0")
    await grid.run(["run", "exit3.py"], { cwd: place })
    const listed: ReadonlyArray<any> = await grid.json(["list"])
    const sum = listed.reduce((total, { cost }) => total + cost.micros, 0)
    expect(sum).toBeGreaterThan(0)
    const report = await grid.json(["cost", "--detailed"])
    expect(report.total).toMatchObject({ executions: 2, micros: sum })
    expect(report.executions.map(({ micros }: any) => micros)).toEqual(listed.map(({ cost }) => cost.micros))
    for (const [{ cost }, { computeMicroseconds }] of listed.map((each, i) => [each, report.executions[i]])) {
      expect(cost).toMatchObject({ phase: "estimated" })
      const { hourlyMicros, slots } = cost.price
      expect(BigInt(cost.micros)).toBe(
        (BigInt(computeMicroseconds) * BigInt(hourlyMicros) * 2n + 3_600_000_000n * BigInt(slots)) /
          (2n * 3_600_000_000n * BigInt(slots))
      )
    }
  })

  it("is shown by the day, for people and for spreadsheets", async () => {
    expect(await text("cost")).toMatch(
      /^Date +Executions +Compute Time +Cost\n\d{4}-\d\d-\d\d +2 +\S+ +€\d+\.\d\d\nTotal \(last 7 days\): €\d+\.\d\d\n$/
    )
    expect(await text("costs", "--csv", "--range", "1d")).toMatch(/^date,executions,.*\r\n\d{4}-\d\d-\d\d,2,\d+,\d+\r\n$/)
    const wrong = await grid.run(["cost", "--range", "2026-02-30:2026-03-01"])
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain("no range of days")
  })
})

describe("why", () => {
  it("tells a running execution from one that waits behind it", async () => {
    const first = await detached("numbered.py", "first", "60")
    await inState(first, "running")
    const second = await detached("numbered.py", "second", "0")
    const third = await detached("numbered.py", "third", "0")
    expect(await text("why", first)).toMatch(/Why: +It runs\./)
    expect(await text("why", third)).toMatch(/Why: +The only slot is busy\. 1 execution is queued before it\./)
    expect(await grid.json(["why", second])).toMatchObject({ verdict: { _tag: "SlotsBusy", ahead: 0, slots: 1 } })
    await text("cancel", first)
    await text("logs", "--follow", third)
    await inState(third, "completed")
    expect(await text("why", first)).toMatch(/Why: +The execution was canceled\./)
    expect(await text("why", third)).toMatch(/Time: .*queued [\s\S]*Usually: .*earlier run[\s\S]*Cost: +€/)
  })

  it("says what to do about a failed one, and refuses what is none", async () => {
    const failed = (await grid.json(["list", "--script", "exit3.py"]))[0].id
    expect(await text("why", failed)).toMatch(/Why: +The script exited with code 3\.\nCause: +on stderr\nFix: /)
    expect((await grid.run(["why", "exec_00000000000000000000000000"])).code).toBe(2)
  })
})

describe("--watch", () => {
  const threeOfFour = /^running \d+s · 75 %/m

  it("tells how far a script is beside its output, of which it touches nothing", async () => {
    const gate = join(grid.home, "gate of a run")
    const running = grid.start(["run", "--watch", "--env", `GATE=${gate}`, "steps.py", "4"], { cwd: place })
    await waitUntil("it tells how far it is", () => threeOfFour.test(running.stderr()) || undefined)
    writeFileSync(gate, "")
    const { code, stderr, stdout } = await running.finished
    expect(code, stderr).toBe(0)
    expect(stdout.toString()).toBe("step 1/4\nstep 2/4\nstep 3/4\nstep 4/4\n")
    expect(stderr.split("\n").filter((line) => !/^(?:running .*|)$/.test(line))).toEqual(["...", "."])
    expect(stderr).toMatch(threeOfFour)
  })

  it("follows one that was started elsewhere until it ends", async () => {
    const gate = join(grid.home, "gate")
    const id = await detached("--env", `GATE=${gate}`, "steps.py", "4")
    const watching = grid.start(["status", id, "--watch"])
    await waitUntil("it tells how far it is", () => threeOfFour.test(watching.stderr()) || undefined)
    writeFileSync(gate, "")
    const { code, stderr, stdout } = await watching.finished
    expect(code, stderr).toBe(0)
    expect(stdout.toString()).toMatch(/Status: +completed/)
    expect(stdout.toString()).not.toContain("step 1/4")
  })
})
