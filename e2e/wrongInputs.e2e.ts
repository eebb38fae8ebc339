/** What each wrong input is answered: one message (what, why, what to do), the right exit code, and nothing lost. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { local, rgridProgram, TestGrid } from "./harness.ts"

const grid = new TestGrid()
let place: string
beforeAll(async () => {
  await grid.up("process")
  place = grid.workplace()
  writeFileSync(join(place, "hello.py"), "print('hello')\n")
  writeFileSync(join(place, "broken.py"), "def f(:\n")
  writeFileSync(join(place, "makes.py"), "open('made.txt', 'w').write('1')\n")
  writeFileSync(join(place, "flags.py"), "import sys\nprint(sys.argv[1:])\n")
  writeFileSync(join(place, "what.zzz"), "?")
  writeFileSync(join(place, "bad.env"), "A=1\nthis is none\n")
  mkdirSync(join(place, "folder"))
})
afterAll(() => grid.down())

const usage = 2
const unreachable = 125
const key = `rgrid_live_${"a".repeat(12)}_${"b".repeat(43)}`
const nowhere = { RGRID_URL: "http://127.0.0.1:9", RGRID_API_KEY: key, RGRID_PROFILE: "" }

type Case = readonly [
  command: string,
  code: number,
  says: ReadonlyArray<string>,
  env?: Readonly<Record<string, string>>
]

const cases: ReadonlyArray<Case> = [
  ["rnu hello.py", usage, ["\"rnu\"", "Did you mean run?"]],
  ["run --timout 5 hello.py", usage, ["--timout", "Did you mean --timeout?"]],
  ["run", usage, ["There is no script to run", "rgrid run SCRIPT"]],
  ["run helo.py", usage, ["There is no file helo.py", "Did you mean hello.py?"]],
  ["run nowhere/x.py", usage, ["There is no file nowhere/x.py", "Check the path"]],
  ["run folder", usage, ["folder is not a file", "Name the script inside it"]],
  ["run what.zzz", usage, ["Nothing tells what runs what.zzz", "Add --runtime"]],
  ["run --runtime pyton:3.11 hello.py", usage, ["There is no runtime pyton:3.11", "Did you mean python:3.11?"]],
  ["run --memory 1x hello.py", usage, ["--memory 1x", "512m"]],
  ["run --cpu abc hello.py", usage, ["--cpu can't be \"abc\"", "Give a number"]],
  ["run --cpu 0 hello.py", usage, ["--cpu 0", "from 0.01"]],
  ["run --timeout 0 hello.py", usage, ["--timeout 0", "90s"]],
  ["run --retries -1 hello.py", usage, ["--retries -1", "from 0 to 20"]],
  ["run --network slow hello.py", usage, ["\"slow\"", "open or none"]],
  ["run --env 1A=x hello.py", usage, ["\"1A=…\"", "begin with a digit", "--env NAME=VALUE"]],
  ["run --env NOT_SET_HERE hello.py", usage, ["NOT_SET_HERE is not set here", "NOT_SET_HERE=VALUE"]],
  ["run --env-file none.env hello.py", usage, ["--env-file none.env can't be read", "Check its name"]],
  ["run --env-file bad.env hello.py", usage, ["\"this is none\"", "--env NAME=VALUE"]],
  ["run --secret NOT_SET_HERE hello.py", usage, ["NOT_SET_HERE is not set here"]],
  ["run --metadata x hello.py", usage, ["--metadata x", "KEY=VALUE"]],
  ["run --include none*.zzz hello.py", usage, ["--include none*.zzz matches no file"]],
  ["run hello.py /", usage, ["/ is not sent", "The whole file system", "Name the directory"]],
  ["run --output-dir hello.py makes.py", usage, ["--output-dir hello.py is no directory", "Name one"]],
  ["run --runtime Not/Valid:: hello.py", usage, ["There is no runtime Not/Valid::"]],
  ["download exec_nope hello.py", usage, ["hello.py is no directory", "Name one"]],
  ["run --detach --watch hello.py", usage, ["--watch and --detach"]],
  ["run --profile nope hello.py", usage, ["There is no profile nope", "rgrid init --profile nope"]],
  ["status exec_nope", usage, ["There is no execution exec_nope", "rgrid list"]],
  ["logs --tail -1 exec_nope", usage, ["--tail -1", "from 0 up"]],
  ["cost --since yesterday", usage, ["--since yesterday", "--range 7d"]],
  ["cost --range 9x", usage, ["--range 9x", "--range 7d"]],
  ["keys revoke nope", usage, ["There is no key nope", "rgrid keys list"]],
  ["keys create", usage, ["--name", "--help"]],
  ["runtimes lst", usage, ["\"lst\"", "Did you mean list?"]],
  ["up extra", usage, ["\"extra\"", "rgrid up --help"]],
  ["runner", usage, ["which grid", "RGRID_URL"], { RGRID_PROFILE: "" }],
  ["status", usage, ["RGRID_URL is set", "Set RGRID_API_KEY"], { RGRID_URL: "http://127.0.0.1:9", RGRID_PROFILE: "" }],
  ["status", usage, ["RGRID_URL is no address", "https://"], { ...nowhere, RGRID_URL: "nonsense" }],
  ["run hello.py", unreachable, ["Network error. Check connection and retry", "No RGrid server answers", "RGRID_URL"], nowhere]
]

describe("wrong input", () => {
  for (const [command, code, says, env] of cases) {
    it(`rgrid ${command}: ${code}, ${says[0]}`, async () => {
      const before = readdirSync(place)
      const answer = await grid.run(command.split(" "), { cwd: place, ...(env === undefined ? {} : { env }) })
      expect(answer.code, answer.stderr).toBe(code)
      expect(answer.stdout.toString()).toBe("")
      expect(answer.stderr.match(/✗/g), answer.stderr).toHaveLength(1)
      expect(answer.stderr).toContain("  Fix: ")
      expect(answer.stderr).not.toMatch(/^ +at .*:\d+|\bE[A-Z]{4,}: /m)
      for (const part of says) expect(answer.stderr).toContain(part)
      expect(readdirSync(place)).toEqual(before)
    })
  }

  it("a script Python can't read: its own words and exit code, and nothing was sent", async () => {
    const before = await grid.json(["list"])
    const answer = await grid.run(["run", "broken.py"], { cwd: place })
    expect([answer.code, answer.stderr]).toEqual([1, expect.stringContaining("SyntaxError")])
    expect(await grid.json(["list"])).toEqual(before)
  })

  it("no Docker: says so, and starts nothing", async () => {
    const other = new TestGrid({ DOCKER_HOST: "unix:///nowhere/docker.sock" })
    try {
      const answer = await other.run(["up", "--sandbox", "docker"])
      expect([answer.code, answer.stderr]).toEqual([unreachable, expect.stringContaining("Docker does not answer")])
    } finally {
      await other.down()
    }
  })
})

describe("--env-file", () => {
  const program = (...args: ReadonlyArray<string>) =>
    local(rgridProgram, args, place, grid.environment())

  it("behind -- is the script's, and not Node's", async () => {
    const passed = await program("run", "flags.py", "--", "--env-file", "none.env")
    expect([passed.code, passed.stdout.toString()]).toEqual([0, "['--env-file', 'none.env']\n"])
  })
})
