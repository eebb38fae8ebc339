/** Keys, profiles and a project's settings, as a person at a terminal and as a program meet them. */
import { execFileSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { local, scripts, TestGrid } from "./harness.ts"

let grid: TestGrid
let file: string
const unknownKey = `rgrid_live_${"a".repeat(12)}_${"b".repeat(43)}`

/** In a home of the test's own, whose profiles count. */
const env = () => ({ HOME: grid.home, RGRID_PROFILE: "" })
const run = (args: ReadonlyArray<string>, options: { stdin?: string; cwd?: string; env?: Record<string, string> } = {}) =>
  grid.run(args, { ...options, env: { ...env(), ...options.env } })
const init = (stdin: string, ...args: ReadonlyArray<string>) =>
  run(["init", "--server", grid.file().url, ...args], { stdin })

beforeAll(async () => {
  grid = new TestGrid()
  file = join(grid.home, ".rgrid", "credentials")
  await grid.up("process")
})
afterEach(() => rmSync(file, { force: true }))
afterAll(() => grid.down())

describe("rgrid init", () => {
  it("asks at a terminal, shows nothing of the key, and stores it for its owner only", async () => {
    const { key, url } = grid.file()
    const got = await grid.atTerminal(["init"], [["Server", `${url}\r`], ["API key:", `${key}\r`]], { env: env() })
    const seen = got.stdout.toString()
    expect(got.code, seen).toBe(0)
    expect(seen).toContain("✓")
    expect(seen).not.toContain(key.slice(-20))
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, "utf8")).toBe(`[default]\nserver = "${url}"\nkey = ${key}\n`)
    expect((await run(["list"])).code).toBe(0)
  })

  it("writes nothing when it is interrupted, or nothing is typed", async () => {
    for (const [typed, code] of [["\u0003", 130], ["\u0004", 2], ["\r", 2]] as const) {
      const args = ["init", "--server", grid.file().url]
      expect((await grid.atTerminal(args, [["API key:", typed]], { env: env() })).code).toBe(code)
    }
    expect(existsSync(file)).toBe(false)
  })

  it("asks before it replaces a profile", async () => {
    const { key } = grid.file()
    await init(key)
    const before = readFileSync(file, "utf8")
    const no = await grid.atTerminal(["init", "--server", "localhost:1"], [["Replace it?", "n\r"]], { env: env() })
    expect(no.code).toBe(0)
    expect(readFileSync(file, "utf8")).toBe(before)
    const piped = await init(key)
    expect(piped.code).toBe(2)
    expect(piped.stderr).toContain("--force")
    expect((await init(key, "--force")).code).toBe(0)
  })

  it("offers to ignore the cache in a git repository, and never the settings", async () => {
    const place = grid.workplace()
    execFileSync("git", ["init", "-q", place])
    const answers = [["API key:", `${grid.file().key}\r`], [".gitignore?", "\r"]] as const
    const got = await grid.atTerminal(["init", "--server", grid.file().url], answers, { cwd: place, env: env() })
    expect(got.code, got.stdout.toString()).toBe(0)
    expect(readFileSync(join(place, ".gitignore"), "utf8")).toBe(".rgrid/cache\n")
  })

  it("writes nothing when the key is wrong or the grid away", async () => {
    for (const [key, said] of [[unknownKey, "does not accept"], ["hunter2", "no key of RGrid"]] as const) {
      const got = await init(key)
      expect(got.code).toBe(1)
      expect(got.stderr).toContain(said)
      expect(got.stderr).toContain("rgrid keys create")
    }
    const away = await run(["init", "--server", "http://127.0.0.1:1"], { stdin: unknownKey })
    expect(away.code).toBe(125)
    expect(existsSync(file)).toBe(false)
  })

  it("takes no key as an argument, and needs none for the grid of this machine", async () => {
    for (const flag of [["--key", "x"], ["--api-key=x"]]) {
      const got = await run(["init", ...flag])
      expect(got.code).toBe(2)
      expect(got.stderr).toContain("never given as an argument")
    }
    const local = await run(["init"])
    expect(local.code).toBe(0)
    expect(local.stderr).toContain("needs no key")
    expect((await run(["init"], { stdin: unknownKey })).code).toBe(2)
    expect((await run(["init", "--profile", "local"])).code).toBe(2)
  })
})

describe("profiles", () => {
  it("name the grid, the flag before the variable, and neither before RGRID_URL", async () => {
    await init(grid.file().key, "--profile", "good")
    writeFileSync(file, `${readFileSync(file, "utf8")}\n[bad]\nserver = ${grid.file().url}\nkey = ${unknownKey}\n`)
    expect((await run(["list", "--profile", "good"], { env: { RGRID_PROFILE: "bad" } })).code).toBe(0)
    expect((await run(["list"], { env: { RGRID_PROFILE: "bad" } })).code).toBe(125)
    expect((await run(["list"], { env: { RGRID_PROFILE: "local" } })).code).toBe(0)
    const { key: RGRID_API_KEY, url: RGRID_URL } = grid.file()
    const both = await run(["list", "--profile", "bad"], { env: { RGRID_URL, RGRID_API_KEY } })
    expect(both.code).toBe(0)
    expect(both.stderr).toContain("is not used")
  })

  it("that are unknown, or whose file others may read, are refused", async () => {
    await init(grid.file().key, "--profile", "staging")
    const unknown = await run(["list", "--profile", "stagin"])
    expect(unknown.code).toBe(2)
    expect(unknown.stderr).toContain("Did you mean staging?")
    chmodSync(file, 0o644)
    const exposed = await run(["list", "--profile", "staging"])
    expect(exposed.code).toBe(2)
    expect(exposed.stderr).toContain(`chmod 600 ${file}`)
  })
})

describe("a project's settings", () => {
  const project = (config: string, script = "import os\nprint(os.environ.get('MODE'), os.environ.get('TOKEN'))\n") => {
    const place = grid.workplace()
    mkdirSync(join(place, ".rgrid"))
    writeFileSync(join(place, ".rgrid", "config"), config)
    writeFileSync(join(place, "p.py"), script)
    return place
  }

  it("stand below flags and above defaults", async () => {
    const cwd = project("env:\n  MODE: fast\n  TOKEN:\ntimeout: 1h\noutput-dir: out\n")
    const own = { TOKEN: "correct-horse" }
    const plain = await run(["run", "p.py"], { cwd, env: own })
    expect(plain.stdout.toString(), plain.stderr).toBe("fast ***\n")
    const over = await run(["run", "p.py", "--env", "MODE=slow", "--env", "TOKEN=x"], { cwd })
    expect(over.stdout.toString(), over.stderr).toBe("slow x\n")
    writeFileSync(join(cwd, "vars"), "MODE=filed\n")
    const filed = await run(["run", "--env-file", "vars", "p.py"], { cwd, env: own })
    expect(filed.stdout.toString(), filed.stderr).toBe("filed ***\n")
  })

  it("decide limits and where outputs go", async () => {
    const cwd = project("timeout: 1\n", "import time\ntime.sleep(60)\n")
    expect((await run(["run", "p.py"], { cwd })).code).toBe(124)
    const writing = project("output-dir: out\n", "open('made', 'w').write('x')\n")
    expect((await run(["run", "p.py"], { cwd: writing })).code).toBe(0)
    expect(existsSync(join(writing, "out", "made"))).toBe(true)
  })

  it("are refused with file and line when they are wrong, or hold a secret", async () => {
    for (
      const [config, line, said] of [
        ["cpu: 1\nmemry: 2g\n", 2, "Did you mean memory?"],
        ["memory: lots\n", 1, "512m"],
        ["env:\n  API_TOKEN: abc\n", 2, "--secret"],
        [`# ${unknownKey}\n`, 1, "a key of RGrid"]
      ] as const
    ) {
      const got = await run(["run", "p.py"], { cwd: project(config) })
      expect(got.code).toBe(2)
      expect(got.stderr).toContain(`.rgrid/config:${line}: `)
      expect(got.stderr).toContain(said)
    }
  })
})

describe("the library", () => {
  const call = (cwd: string, over: Readonly<Record<string, string>>) =>
    // No grid could be started from here: it is the profile's or none.
    local(process.execPath, [join(scripts, "library.mjs")], cwd, { PATH: "", HOME: grid.home, RGRID_HOME: cwd, ...over })

  it("finds its grid and a project's settings as the command line does", async () => {
    await init(grid.file().key, "--profile", "lib")
    const place = grid.workplace(join(scripts, "numbered.py"))
    mkdirSync(join(place, ".rgrid"))
    writeFileSync(join(place, ".rgrid", "config"), "profile: lib\noutput-dir: out\n")
    const { code, stderr } = await call(place, {})
    expect(code, stderr).toBe(0)
    expect(readFileSync(join(place, "out", "lib.txt"), "utf8")).toBe("result lib\n")
    const unknown = await call(place, { RGRID_PROFILE: "lbi" })
    expect(unknown.code).toBe(1)
    expect(unknown.stderr).toContain("There is no profile lbi")
  })
})

describe("keys and workers", () => {
  it("a key is made, used, listed and revoked", async () => {
    const made = await run(["keys", "create", "--name", "ci"])
    const key = made.stdout.toString().trim()
    expect((await init(key, "--profile", "ci")).code).toBe(0)
    const refused = await run(["keys", "create", "--name", "more", "--profile", "ci"])
    expect(refused.code).toBe(125)
    const listed = await grid.json(["keys", "list"])
    const { id } = listed.find(({ name }: { name: string }) => name === "ci")
    expect((await grid.json(["keys", "revoke", id])).revokedAt).not.toBeNull()
    expect((await run(["list", "--profile", "ci"])).code).toBe(125)
    expect((await run(["keys", "list"])).stdout.toString()).toMatch(/ci +user +.*revoked/)
  })

  it("does not let a machine lock itself out by mistake", async () => {
    const own = grid.file().key.split("_")[2]!
    expect((await run(["keys", "revoke", own])).code).toBe(2)
    expect((await run(["keys", "revoke", "none"])).code).toBe(2)
  })

  it("workers tell how busy they are and what they can't enforce", async () => {
    const said = (await run(["workers"])).stdout.toString()
    expect(said).toMatch(/^NAME +SANDBOX +BUSY +UTILISATION +VERSION/)
    expect(said).toMatch(/1 worker, 0 of \d+ slots? busy \(0%\)/)
    expect(said).toContain("Not enforced on")
    expect(await grid.json(["workers"])).toMatchObject([{ sandbox: "process" }])
  })
})
