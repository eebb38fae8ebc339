/** A commit's status and a pull request's comment: every request is checked against GitHub's published description. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { FakeGitHub } from "./action/github.ts"
import { named } from "./action/runner.ts"
import { run, workspace } from "./action/steps.ts"
import { TestGrid } from "./harness.ts"

const grid = new TestGrid()
let github: FakeGitHub
let api = ""

beforeAll(() => grid.up("process"))
afterAll(() => grid.down())
beforeEach(async () => {
  github = new FakeGitHub("ghs_token")
  api = await github.start()
})
afterEach(() => github.stop())

const head = "c".repeat(40)
const files = { "ok.py": "print('fine')\n", "bad.py": "import os\nraise ValueError('bad: ' + os.environ.get('APP_TOKEN', '') + ' @octocat')\n" }

/** As a page shows it. */
const shown = (text: string): string => text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))

const step = async (inputs: Record<string, string>, env: Record<string, string> = {}) => {
  const place = workspace(grid, files)
  const event = join(place, "event.json")
  writeFileSync(event, JSON.stringify({ pull_request: { number: 7, head: { sha: head } } }))
  return run(grid, place, { "github-token": "ghs_token", ...inputs }, {
    GITHUB_API_URL: api,
    GITHUB_REPOSITORY: "octo-org/octo.repo",
    GITHUB_SHA: "d".repeat(40),
    GITHUB_EVENT_PATH: event,
    ...env
  })
}

describe("a status", () => {
  it("is of the pull request's own commit, and links the run", async () => {
    const ran = await step({ script: "ok.py", status: "true" })
    expect([ran.code, github.wrong], ran.raw).toEqual([0, []])
    expect(github.statuses).toEqual([{
      sha: head,
      state: "success",
      context: "rgrid",
      description: expect.stringMatching(/^completed /),
      target_url: "https://github.com/octo-org/octo.repo/actions/runs/42"
    }])
    expect(github.comments).toEqual([])
  })

  it("tells a failure, of the commit where there is no pull request, by its own name", async () => {
    const ran = await step({ script: "bad.py", status: "nightly fit", comment: "true" }, { GITHUB_EVENT_PATH: "/gone" })
    expect([ran.code, github.wrong], ran.raw).toEqual([1, []])
    expect(github.statuses).toMatchObject([{ sha: "d".repeat(40), state: "failure", context: "nightly fit" }])
    expect(github.calls).toEqual(["repos/create-commit-status"])
  })

  it("tells a failure also where that fails no step", async () => {
    const ran = await step({ script: "bad.py", status: "true", "fail-on": "never" })
    expect([ran.code, github.wrong], ran.raw).toEqual([0, []])
    expect(github.statuses).toMatchObject([{ state: "failure", description: expect.stringContaining("ValueError") }])
  })

  it("is an error where an input makes no sense", async () => {
    const ran = await step({ script: "ok.py", status: "true", comment: "true", memory: "lots" })
    expect([ran.code, github.wrong], ran.raw).toEqual([1, []])
    expect(github.statuses).toMatchObject([{ state: "error", description: expect.stringContaining("memory: lots makes no sense") }])
    expect(shown(github.comments[0]!.body)).toContain("memory: lots makes no sense")
  })

  it("is an error when it could not be run", async () => {
    const ran = await step({ script: "gone.py", status: "true" })
    expect([ran.code, github.wrong], ran.raw).toEqual([1, []])
    expect(github.statuses).toMatchObject([{ state: "error", description: expect.stringContaining("gone.py") }])
  })
})

describe("a comment", () => {
  it("is one, which later runs change, however many others there are", async () => {
    for (let i = 0; i < 130; i++) github.add(`remark ${i}`, "ada", "User")
    const first = await step({ script: "bad.py", comment: "true" })
    expect([first.code, github.wrong], first.raw).toEqual([1, []])
    expect(github.comments).toHaveLength(131)
    expect(github.comments.at(-1)!.body).toContain("ValueError")
    const second = await step({ script: "ok.py", comment: "true" })
    expect([second.code, github.wrong], second.raw).toEqual([0, []])
    expect(github.comments).toHaveLength(131)
    expect(github.comments.at(-1)!.body).toContain("completed")
    const other = await step({ script: "ok.py", comment: "another" })
    expect([other.code, github.comments.length], other.raw).toEqual([0, 132])
  })

  it("is never another's, whoever wrote the mark", async () => {
    await step({ script: "ok.py", comment: "true" })
    const mark = github.comments[0]!.body.split("\n")[0]!
    github.comments.length = 0
    const forged = github.add(`${mark}\nmine`, "mallory", "User")
    await step({ script: "ok.py", comment: "true" })
    expect([forged.body, github.comments.length, github.wrong]).toEqual([`${mark}\nmine`, 2, []])
  })

  it("holds no secret and calls nobody", async () => {
    // Too short for the grid to mask it, and of signs that a page has as their numbers.
    const inputs = { script: "bad.py", args: "--key=only-@n-argument", env: "APP_TOKEN=p@s$-1" }
    const ran = await step({ ...inputs, comment: "true", status: "true" })
    expect(ran.code).toBe(1)
    const sent = shown([...github.comments, ...github.statuses].map((one) => JSON.stringify(one)).join("\n"))
    expect(sent).toContain("ValueError: bad: ***")
    for (const secret of ["p@s$-1", "only-@n-argument"]) expect(sent).not.toContain(secret)
    expect(shown(ran.summary)).toContain("bad.py --key=only-@n-argument")
    expect(shown(ran.summary)).not.toContain("p@s$-1")
    // In a block of code GitHub calls nobody.
    expect(github.comments[0]!.body.replace(/```text[\s\S]*?```/, "")).not.toContain("@octocat")
  })
})

describe("a GitHub in trouble", () => {
  it("is asked again", async () => {
    github.trouble.push({ status: 502, body: { message: "Bad gateway" } })
    github.trouble.push({ status: 403, body: { message: "You have exceeded a secondary rate limit" }, headers: { "retry-after": "1" } })
    const ran = await step({ script: "ok.py", status: "true" })
    expect([ran.code, github.wrong, github.calls.length], ran.raw).toEqual([0, [], 3])
    expect(github.statuses).toHaveLength(1)
  })

  it("fails no step", async () => {
    const ran = await step({ script: "ok.py", status: "true", comment: "true", "github-token": "wrong" })
    expect(ran.code, ran.raw).toBe(0)
    const warnings = named(ran, "warning").map(({ value }) => value)
    expect(warnings).toHaveLength(2)
    expect(warnings[0]).toContain("Bad credentials")
  })

  it("is not missed where nobody gave a token", async () => {
    const ran = await step({ script: "ok.py", status: "true", "github-token": "" })
    expect([ran.code, github.calls], ran.raw).toEqual([0, []])
  })
})
