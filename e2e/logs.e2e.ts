/** Logs are byte-exact, whatever their size and whatever happens to the connection (P5). */
import { readFileSync } from "node:fs"
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { scripts, sha256, TestGrid, waitUntil } from "./harness.ts"

let grid: TestGrid
beforeAll(async () => {
  grid = new TestGrid()
  await grid.up("process")
})
afterAll(() => grid.down())

/** Passes bytes on to the grid and cuts every connection when told to. */
const cuttable = async (port: number): Promise<{ server: Server; port: number; cut: () => void }> => {
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1")
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on("error", () => socket.destroy())
      socket.on("close", () => open.delete(socket))
    }
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  const cut = () => {
    for (const socket of open) socket.destroy()
  }
  return { server, port: (server.address() as AddressInfo).port, cut }
}

describe("logs", () => {
  it("give back 200 MB on both streams, byte for byte, in flat memory", async () => {
    const place = grid.workplace(join(scripts, "flood.py"))
    const server = grid.server()
    // Flat means: as much again takes no more. A server that has not worked yet grows to its working size first.
    expect((await grid.run(["run", "flood.py", "200"], { cwd: place })).code).toBe(0)
    const before = TestGrid.residentBytes(server)
    let highest = before
    const watch = setInterval(() => (highest = Math.max(highest, TestGrid.residentBytes(server))), 200)
    const { code } = await grid.run(["run", "flood.py", "200"], { cwd: place })
    expect(code).toBe(0)
    const [{ id }] = await grid.json(["list", "--limit", "1"])
    const digests = Object.fromEntries(
      readFileSync(join(place, "digests.txt"), "utf8").trim().split("\n").map((line) => line.split(" "))
    )
    const { stderr, stdout } = await grid.run(["logs", id])
    clearInterval(watch)
    expect(sha256(stdout)).toBe(digests["stdout"])
    expect(sha256(stderr)).toBe(digests["stderr"])
    // Without backpressure anywhere on the way it would hold much of the 200 MB.
    expect(highest - before).toBeLessThan(150 * 1024 * 1024)
  })

  it("lose and repeat nothing when followed over a connection that is cut ten times", async () => {
    const { key, url } = grid.file()
    const proxy = await cuttable(Number(new URL(url).port))
    const place = grid.workplace(join(scripts, "slow_lines.py"))
    const started = await grid.run(["run", "--detach", "slow_lines.py", "200", "0.05"], { cwd: place })
    const id = started.stdout.toString().trim()
    const env = { RGRID_URL: `http://127.0.0.1:${proxy.port}`, RGRID_API_KEY: key }
    const follow = grid.start(["logs", "--follow", id], { env })
    for (let cut = 0; cut < 10; cut++) {
      const seen = follow.stdout().length
      await waitUntil("more was shown", () => follow.stdout().length > seen || follow.child.exitCode !== null || undefined)
      proxy.cut()
    }
    const { code, stdout } = await follow.finished
    proxy.server.close()
    expect(code).toBe(0)
    const lines = Array.from({ length: 200 }, (_, number) => `line ${number}\n`).join("")
    expect(sha256(stdout)).toBe(sha256(lines))
  })
})
