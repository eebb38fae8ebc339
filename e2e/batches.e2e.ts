/** Batches from the client's side: outputs, failures, leaving and coming back, the verbs. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Finished, scripts, TestGrid, waitUntil } from "./harness.ts"
import { TransferProxy } from "./transferProxy.ts"

const grid = new TestGrid()
beforeAll(() => grid.up("process"))
afterAll(() => grid.down())

/** A directory with inputs of these contents. */
const workplace = (inputs: Readonly<Record<string, string>>): string => {
  const place = grid.workplace(join(scripts, "item.py"))
  for (const [name, content] of Object.entries(inputs)) {
    mkdirSync(dirname(join(place, name)), { recursive: true })
    writeFileSync(join(place, name), content)
  }
  return place
}

const numbered = (many: number, what: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Array.from({ length: many }, (_, i) => [`in/${String(i + 1).padStart(2, "0")}.csv`, what]))

const files = (directory: string): ReadonlyArray<string> =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(directory.length + 1))
    .toSorted()

const text = (...path: ReadonlyArray<string>): string => readFileSync(join(...path), "utf8")

const idIn = (said: string): string => {
  const id = /batch_[0-9a-z]{26}/.exec(said)?.[0]
  if (id === undefined) throw new Error(`no batch in: ${said}`)
  return id
}

const events = ({ stdout }: Pick<Finished, "stdout">): ReadonlyArray<any> =>
  stdout.toString().trim().split("\n").map((line) => JSON.parse(line))

const batch = (cwd: string, ...words: ReadonlyArray<string>) =>
  grid.run(["run", "item.py", "--batch", "in/**/*.csv", ...words], { cwd })

describe("a batch", () => {
  it("brings what each item made into a folder of its own, and groups the failures by cause", async () => {
    const place = workplace({ "in/a.csv": "good", "in/b.csv": "fail", "in/c.csv": "raise", "in/d.csv": "raise", "in/more/a.csv": "good" })
    const { code, stderr } = await batch(place, "--parallel", "2")
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(/^Starting batch: 5 files, 2 parallel/)
    expect(stderr).toContain("2 succeeded, 3 failed")
    expect(stderr).toMatch(/✗ in\/b.csv: The script exited with code 4/)
    expect(stderr).toMatch(/1\. 2 items\n.*code 1.*\n.*ValueError: row 8 of in\/c.csv/)
    expect(stderr).toMatch(/2\. 1 item\n.*code 4/)
    expect(stderr).toContain(`rgrid retry --batch ${idIn(stderr)} --failed-only`)
    const made = files(join(place, "outputs"))
    expect(made).toHaveLength(8)
    expect(made).toEqual(expect.arrayContaining(["b/FAILED.txt", "b/made/fail.txt", "c/made/raise.txt", "in-a/made/good.txt"]))
    expect(text(place, "outputs", "in-a", "made", "good.txt")).toBe("in/a.csv as usual")
    expect(text(place, "outputs", "b", "FAILED.txt")).toMatch(/The script exited with code 4\.\n[^]*rgrid logs exec_/)
  })

  it("exits with 1 when nothing succeeded, or, with --fail-on any, when something failed", async () => {
    expect((await batch(workplace({ "in/a.csv": "fail" }))).code).toBe(1)
    const place = workplace({ "in/a.csv": "fail", "in/b.csv": "good" })
    expect((await batch(place, "--fail-on", "any")).code).toBe(1)
  })

  it("writes into one directory with --flat, and two files never to one name", async () => {
    const place = workplace({ "in/a.csv": "good", "in/b.csv": "good" })
    writeFileSync(join(place, "item.py"), "import os\nos.makedirs('x')\nopen('x/y', 'w').write('1')\nopen('x-y', 'w').write('2')\n")
    const { code, stderr } = await batch(place, "--flat", "--output-dir", "all")
    expect(code, stderr).toBe(0)
    expect(files(join(place, "all"))).toEqual(["a_x-y", "a_x-y.rgrid", "b_x-y", "b_x-y.rgrid"])
    expect([text(place, "all", "a_x-y"), text(place, "all", "a_x-y.rgrid")].toSorted()).toEqual(["1", "2"])
  })

  it("tells each end once with --json, through a server that dies", async () => {
    const place = workplace(numbered(12, "wait"))
    const gate = join(place, "gate")
    const running = grid.start(
      ["run", "item.py", "--batch", "in/*.csv", "--json", "--env", `GATE=${gate}`, "--parallel", "3"],
      { cwd: place }
    )
    await waitUntil("it started", () => running.stdout().includes("started") || undefined)
    process.kill(grid.server(), "SIGKILL")
    writeFileSync(gate, "")
    const finished = await running.finished
    expect(finished.code, finished.stderr).toBe(0)
    const told = events(finished)
    expect(told[0]).toMatchObject({ type: "started", batch: { total: 12 } })
    expect(told.at(-1)).toMatchObject({ type: "done", batch: { counts: { completed: 12 } }, causes: [] })
    const ended = told.filter(({ type }) => type === "ended")
    expect(ended.map(({ execution }) => execution.batch.position).toSorted((a, b) => a - b))
      .toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
    expect(ended[0].outputs.written).toHaveLength(1)
    expect(files(join(place, "outputs"))).toHaveLength(12)
  })

  it("leaves out with --resume what was completed with the same content, and says why the rest runs", async () => {
    const place = workplace({ "in/a.csv": "good", "in/b.csv": "good", "in/c.csv": "good" })
    await batch(place)
    writeFileSync(join(place, "in/b.csv"), "better")
    const { code, stderr } = await batch(place, "--resume")
    expect(code, stderr).toBe(0)
    expect(stderr).toContain("2 of 3 were completed before and are left out\n  in/b.csv: inputs changed\n")
    expect(stderr).toContain("1 succeeded, 2 completed before")
    expect(existsSync(join(place, "outputs", "b", "made", "better.txt"))).toBe(true)
    const again = await batch(place, "--resume")
    expect([again.code, again.stderr.includes("All 3 items were completed before")]).toEqual([0, true])
  })
})

describe("leaving a batch", () => {
  it("goes on when the client is killed; download fetches the rest and nothing twice", async () => {
    const place = workplace({ ...numbered(4, "good"), ...Object.fromEntries([5, 6].map((i) => [`in/0${i}.csv`, "wait"])) })
    const gate = join(place, "gate")
    const running = grid.start(["run", "item.py", "--batch", "in/*.csv", "--env", `GATE=${gate}`], { cwd: place })
    const first = join(place, "outputs/01/made/good.txt")
    await waitUntil("one is here", () => existsSync(first) || undefined)
    running.child.kill("SIGKILL")
    await running.finished
    const id = idIn(running.stderr())
    const { ino } = statSync(first)
    writeFileSync(gate, "")
    const watched = await grid.run(["status", id.slice(0, 28), "--watch"])
    expect(watched.stdout.toString()).toContain("6/6 complete")
    const { code, stderr } = await grid.run(["download", id], { cwd: place })
    expect(code, stderr).toBe(0)
    expect(files(join(place, "outputs"))).toHaveLength(6)
    expect(statSync(first).ino).toBe(ino)
  })

  it("says how to come back on Ctrl+C", async () => {
    const place = workplace(numbered(2, "wait"))
    const running = grid.start(["run", "item.py", "--batch", "in/*.csv", "--env", `GATE=${join(place, "gate")}`], { cwd: place })
    const id = await waitUntil("it started", () => /batch_[0-9a-z]{26}/.exec(running.stderr())?.[0])
    await waitUntil("it runs", async () => (await grid.json(["status", id])).counts.running > 0 || undefined)
    running.child.kill("SIGINT")
    const { code, stderr } = await running.finished
    expect(code).toBe(130)
    expect(stderr).toContain(`Detached. The batch goes on: ${id}`)
    expect(stderr).not.toContain("Not all files were sent")
    const canceled = await grid.run(["cancel", id])
    expect(canceled.code).toBe(0)
    const watched = await grid.json(["status", id])
    expect(watched.halted).toBe("canceled")
    await grid.run(["status", id, "--watch"])
    expect((await grid.json(["status", id])).counts).toMatchObject({ canceled: 2 })
  })

  it("prints nothing but the id with --detach", async () => {
    const place = workplace(numbered(3, "good"))
    const { code, stderr, stdout } = await batch(place, "--detach")
    expect([code, stdout.toString()]).toEqual([0, `${idIn(stderr)}\n`])
    expect(existsSync(join(place, "outputs"))).toBe(false)
  })

  it("starts nothing whose results would have no place", async () => {
    const place = workplace(numbered(2, "good"))
    writeFileSync(join(place, "outputs"), "a file")
    const { code, stderr } = await batch(place)
    expect([code, stderr.includes("outputs is no directory.")], stderr).toEqual([2, true])
    expect(stderr).not.toContain("Starting batch")
  })

  it("leaves everything on the grid with --remote-only", async () => {
    const place = workplace(numbered(2, "good"))
    const { code } = await batch(place, "--remote-only")
    expect([code, existsSync(join(place, "outputs"))]).toEqual([0, false])
  })
})

describe("the files of a batch", () => {
  it("start items as they arrive; whoever leaves before the last is told", async () => {
    const proxy = await TransferProxy.start(grid)
    try {
      const place = grid.workplace()
      writeFileSync(join(place, "size.py"), "import os, sys\nprint(os.stat(sys.argv[1]).st_size)\n")
      writeFileSync(join(place, "small"), "")
      for (const name of ["1", "2", "3", "4"]) writeFileSync(join(place, `big-${name}`), name.repeat(2 ** 21))
      expect((await grid.run(["run", "size.py", "small"], { cwd: place })).code).toBe(0)
      proxy.reset(2)
      const words = ["run", "size.py", "--batch", "big-*", "--remote-only"]
      const running = grid.start(words, { cwd: place, env: proxy.env })
      const id = await waitUntil("it started", () => /batch_[0-9a-z]{26}/.exec(running.stderr())?.[0])
      const done = async () => {
        const { counts } = await grid.json(["status", id])
        return counts.completed === 2 && counts.uploading === 2 || undefined
      }
      await waitUntil("those whose files are there have run", done)
      running.child.kill("SIGINT")
      const { code, stderr } = await running.finished
      expect([code, stderr.includes("Not all files were sent")], stderr).toEqual([130, true])
    } finally {
      proxy.close()
    }
  })
})

describe("the verbs of a batch", () => {
  let place: string
  let id: string
  beforeAll(async () => {
    place = workplace({ "in/a.csv": "good", "in/b.csv": "fail", "in/c.csv": "raise", "in/d.csv": "raise" })
    id = idIn((await batch(place)).stderr)
  })

  it("list and status show it and its items", async () => {
    const [newest] = await grid.json(["list", "--batches", "--limit", "1"])
    expect(newest).toMatchObject({ id, total: 4, counts: { completed: 1, failed: 3 } })
    const failed = await grid.json(["list", "--batch", id, "--status", "failed"])
    expect(failed.map(({ batch }: any) => batch.label)).toEqual(["in/b.csv", "in/c.csv", "in/d.csv"])
    expect((await grid.run(["status", id])).stdout.toString()).toMatch(/Items: +1\/4 complete \(3 failed\)/)
    expect((await grid.run(["list", "--batch", id])).stdout.toString()).toMatch(/in\/a.csv +completed/)
  })

  it("why groups its failures", async () => {
    const { causes } = await grid.json(["why", id])
    expect(causes.map(({ count, number }: any) => [number, count])).toEqual([[1, 2], [2, 1]])
  })

  it("retry runs only what failed, and puts it where it belongs", async () => {
    expect(existsSync(join(place, "outputs/b/FAILED.txt"))).toBe(true)
    const again = await grid.run(["retry", "--batch", id, "--cause", "2", "--env", "MODE=mild"], { cwd: grid.workplace() })
    expect(again.code, again.stderr).toBe(0)
    expect(again.stderr).toContain("1 succeeded")
    expect(text(place, "outputs/b/made/fail.txt")).toBe("in/b.csv as mild")
    expect(existsSync(join(place, "outputs/b/FAILED.txt"))).toBe(false)
    const failed = await grid.run(["retry", "--batch", id, "--failed-only", "--json"], { cwd: place })
    expect(failed.code).toBe(1)
    expect(events(failed).at(-1)).toMatchObject({ batch: { retryOf: id, total: 3, counts: { failed: 3 } } })
  })

  it("refuse what makes no sense, in one sentence", async () => {
    for (const [words, said] of [
      [["logs", id], "is a batch"],
      [["outputs", id], "is a batch"],
      [["status", "batch_zz"], "There is no batch batch_zz."],
      [["retry", "--batch", id, "--cause", "9"], "have no cause 9"],
      [["retry"], "nothing to run again"]
    ] as const) {
      const { code, stderr } = await grid.run(words)
      expect([code, stderr.includes(said)], stderr).toEqual([2, true])
    }
  })

  it("delete forgets it with its items", async () => {
    expect((await grid.run(["delete", "--yes", id])).code).toBe(0)
    expect((await grid.run(["status", id])).code).toBe(2)
  })
})
