/** The grid of this machine: started by whoever needs it first, one however many need it, gone when told to. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { local, scripts, TestGrid } from "./harness.ts"

let grid: TestGrid
beforeEach(() => {
  grid = new TestGrid({ RGRID_SANDBOX: "process" })
})
afterEach(() => grid.down())

describe("the grid of this machine", () => {
  it("is one, though twenty commands start it at once", async () => {
    const place = grid.workplace(join(scripts, "numbered.py"))
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, i) => grid.run(["run", "numbered.py", `c${i}`, "0"], { cwd: place }))
    )
    for (const [i, { code, stderr, stdout }] of all.entries()) {
      expect(code, stderr).toBe(0)
      expect(stdout.toString()).toBe(`begin c${i}\nend c${i}\n`)
      expect(readFileSync(join(place, `c${i}.txt`), "utf8")).toBe(`result c${i}\n`)
    }
    expect(grid.pids(/keeper\.sh/).length).toBe(1)
    expect(grid.pids(/bin\/postgres -D|bin\/postgres .*-D/).length).toBe(1)
  })

  it("is one for each home, though two start at the same moment", async () => {
    const others = [new TestGrid(), new TestGrid()] as const
    try {
      await Promise.all(others.map((other) => other.up("process")))
      const [one, two] = others.map((other) => other.file().url)
      expect(one).not.toBe(two)
      for (const other of others) expect(await other.json(["list"])).toEqual([])
    } finally {
      await Promise.all(others.map((other) => other.down()))
    }
  })

  it("comes back after all of it was killed, with what it knew", async () => {
    const place = grid.workplace(join(scripts, "numbered.py"))
    const first = await grid.run(["run", "--detach", "numbered.py", "a", "0"], { cwd: place })
    const id = first.stdout.toString().trim()
    for (const pid of grid.pids(/keeper|server|runner|postgres/)) {
      try {
        process.kill(pid, "SIGKILL")
      } catch {
        // Its parent's death ended it first.
      }
    }
    const back = await grid.run(["run", "numbered.py", "b", "0"], { cwd: place })
    expect(back.code, back.stderr).toBe(0)
    const status = await grid.json(["status", id])
    expect(status.id).toBe(id)
    expect(grid.pids(/keeper\.sh/).length).toBe(1)
  })

  it.each([
    ["over a WebSocket", []],
    ["by pages, where Node has no WebSocket", ["--no-experimental-websocket"]]
  ])("is used by the library %s, which starts it too", async (_, options) => {
    const place = grid.workplace(join(scripts, "numbered.py"))
    const program = join(dirname(fileURLToPath(import.meta.url)), "scripts/library.mjs")
    const { code, stderr, stdout } = await local(process.execPath, [...options, program], place, grid.environment())
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout.toString())).toMatchObject({
      status: "completed",
      exitCode: 0,
      stdout: "begin lib\nend lib\n",
      outputs: [{ path: "lib.txt", bytes: 11 }]
    })
    expect(readFileSync(join(place, "lib.txt"), "utf8")).toBe("result lib\n")
  })
})

describe("bad input", () => {
  const refused: ReadonlyArray<readonly [title: string, args: ReadonlyArray<string>, code: number, words: RegExp]> = [
    ["a missing script", ["run", "numbred.py"], 2, /no file numbred\.py[\s\S]*numbered\.py/],
    ["an unknown runtime", ["run", "--runtime", "pyhton:3", "numbered.py"], 2, /no runtime pyhton:3/],
    ["a malformed --env", ["run", "--env", "1BAD=x", "numbered.py", "a", "0"], 2, /1BAD/],
    ["an unknown id", ["status", "exec_00000000000000000000000000"], 2, /no execution exec_0/],
    ["an unknown command", ["rnu"], 2, /run/],
    ["an unknown option", ["list", "--limt", "3"], 2, /limit/]
  ]
  it.each(refused)("%s ends in one clear message", async (_, args, code, words) => {
    const got = await grid.run(args, { cwd: grid.workplace(join(scripts, "numbered.py")) })
    expect(got.stderr).toMatch(words)
    expect(got.stderr).not.toMatch(/\n\s+at /)
    expect(got.code).toBe(code)
    expect(got.stdout.toString()).toBe("")
  })

  it("a server that is not there", async () => {
    const env = { RGRID_URL: "http://127.0.0.1:9", RGRID_API_KEY: "rgrid_live_x" }
    const got = await grid.run(["list"], { env })
    expect(got.code).toBe(125)
    expect(got.stderr).toContain("http://127.0.0.1:9")
    expect(got.stderr).not.toMatch(/\n\s+at /)
  })

  it("a wrong key, and a revoked one", async () => {
    await grid.run(["up"])
    const { key, url } = grid.file()
    const wrong = await grid.run(["list"], { env: { RGRID_URL: url, RGRID_API_KEY: `${key.slice(0, -1)}_` } })
    expect(wrong.stderr).toContain("refused the key")
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" }
    const made = await fetch(`${url}/api/v1/keys`, {
      method: "POST",
      headers,
      body: JSON.stringify({ name: "ci", scopes: ["user"] })
    })
    const { key: second, record } = (await made.json()) as { key: string; record: { id: string } }
    const env = { RGRID_URL: url, RGRID_API_KEY: second }
    expect((await grid.run(["list"], { env })).code).toBe(0)
    await fetch(`${url}/api/v1/keys/${record.id}`, { method: "DELETE", headers })
    const revoked = await grid.run(["list"], { env })
    expect(revoked.code).toBe(125)
    expect(revoked.stderr).toContain("refused the key")
  })

  it("a port that is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1")
    await new Promise((done) => taken.once("listening", done))
    const { port } = taken.address() as { port: number }
    const data = join(grid.home, "data")
    const got = await grid.run(["server", "--port", String(port), "--data", data])
    taken.close()
    expect(got.code).toBe(125)
    expect(got.stderr).toContain(`${port}`)
    expect(got.stderr).not.toMatch(/\n\s+at /)
  })

  it("Docker that is present but refuses", async () => {
    const socket = join(grid.home, "docker.sock")
    const refusing = createServer((client) => client.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"))
    await new Promise<void>((done) => refusing.listen(socket, done))
    const got = await grid.run(["up", "--sandbox", "docker"], { env: { DOCKER_HOST: `unix://${socket}` } })
    refusing.close()
    expect(got.code).toBe(125)
    expect(got.stderr).toMatch(/Docker/)
    expect(got.stderr).not.toMatch(/\n\s+at /)
  })

  it("a data directory that can't be written", async () => {
    const data = join(grid.home, "file")
    mkdirSync(join(grid.home, "x"))
    writeFileSync(data, "")
    chmodSync(data, 0o400)
    const got = await grid.run(["server", "--data", data, "--port", "0"])
    expect(got.code).toBe(125)
    expect(got.stderr).toContain(data)
  })
})
