/** Files go through client, server and runner without ever being in the memory of one of them. */
import { execFileSync } from "node:child_process"
import { readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { TestGrid } from "./harness.ts"

const mebibyte = 1024 * 1024
const size = 768 * mebibyte

/** The most a process has had of memory until now; null when it is gone. */
const peakBytes = (pid: number): number | null => {
  try {
    const kibibytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]
    return kibibytes === undefined ? null : Number(kibibytes) * 1024
  } catch {
    return null
  }
}

describe("a large file through the grid", () => {
  let grid: TestGrid
  beforeAll(async () => {
    grid = new TestGrid()
    await grid.up("process")
  })
  afterAll(() => grid.down())

  it("takes no more memory than a small one, on its way there and back", async () => {
    const cwd = grid.workplace()
    execFileSync("sh", ["-c", 'head -c "$1" /dev/urandom > "$2"', "sh", `${size}`, join(cwd, "in.bin")])
    writeFileSync(
      join(cwd, "copy.py"),
      "import shutil\nwith open('in.bin', 'rb') as a, open('out.bin', 'wb') as b:\n  b.write(b'!')\n  shutil.copyfileobj(a, b, 1 << 20)\n"
    )
    const run = grid.start(["run", "copy.py", "in.bin"], { cwd })
    let client = 0
    const watching = setInterval(() => {
      client = Math.max(client, peakBytes(run.child.pid!) ?? 0)
    }, 50)
    const got = await run.finished
    clearInterval(watching)
    expect(got).toMatchObject({ code: 0, stderr: "" })
    expect(statSync(join(cwd, "out.bin")).size).toBe(size + 1)
    // A process of these has some 130 MiB before it has seen a file.
    const most = { client, server: peakBytes(grid.server()), runner: peakBytes(grid.runner()) }
    for (const [name, peak] of Object.entries(most)) expect(peak, name).toBeLessThan(size / 2)
    expect(client).toBeGreaterThan(mebibyte)
  }, 600_000)
})
