/** What is piped into `rgrid run` reaches the script as it comes, and a pipe hangs nothing. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { sha256, TestGrid, waitUntil } from "./harness.ts"

const grid = new TestGrid()
const open = { open: true } as const

const place = (script: string): string => {
  const here = grid.workplace()
  writeFileSync(join(here, "script.py"), script)
  return here
}

const echo = "import sys\nfor line in sys.stdin:\n    print('got', line.strip())\nprint('end')\n"

beforeAll(() => grid.up("process"))
afterAll(() => grid.down())

describe("a pipe on stdin", () => {
  it("is passed on line by line while the script runs", async () => {
    const running = grid.start(["run", "script.py"], { cwd: place(echo), stdin: open })
    for (const line of ["one", "two", "three"]) {
      running.child.stdin!.write(`${line}\n`)
      // The next line is only written when the answer to this one was seen.
      await waitUntil(`the script got ${line}`, () => running.stdout().includes(`got ${line}\n`) || undefined)
    }
    running.child.stdin!.end()
    expect(await running.finished).toMatchObject({ code: 0, stdout: Buffer.from("got one\ngot two\ngot three\nend\n") })
  })

  it("that stays silent and open keeps no script from running, nor its command from ending", async () => {
    const running = grid.start(["run", "script.py"], { cwd: place("print('ran')\n"), stdin: open })
    expect(await running.finished).toMatchObject({ code: 0, stdout: Buffer.from("ran\n") })
  })

  it("that never ends is left when the script ends", async () => {
    const cwd = place("import sys\nprint(sys.stdin.readline().strip())\n")
    const running = grid.start(["run", "script.py"], { cwd, stdin: open })
    const flood = () => {
      while (running.child.stdin!.writable && running.child.stdin!.write("y\n".repeat(32_768)));
    }
    running.child.stdin!.on("drain", flood)
    flood()
    expect(await running.finished).toMatchObject({ code: 0, stdout: Buffer.from("y\n") })
  })

  it("is empty when it ends at once, and whole when it is 50 MB of any bytes", async () => {
    const cwd = place("import sys, hashlib\nprint(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())\n")
    const bytes = Buffer.alloc(50_000_000, Buffer.from(Array.from({ length: 251 }, (_, i) => i)))
    for (const stdin of ["", bytes]) {
      const got = await grid.run(["run", "script.py"], { cwd, stdin })
      expect(got.stdout.toString()).toBe(`${sha256(stdin)}\n`)
    }
  })

  it("ends for a script that goes on when whoever piped leaves", async () => {
    const running = grid.start(["run", "script.py"], { cwd: place(echo), stdin: open })
    running.child.stdin!.write("one\n")
    await waitUntil("the script got it", () => running.stdout().includes("got one") || undefined)
    running.child.kill("SIGINT")
    const { code, stderr } = await running.finished
    expect(code).toBe(130)
    const id = /exec_\w+/.exec(stderr)![0]
    await waitUntil("it completed", async () => (await grid.json(["status", id])).state === "completed" || undefined)
    expect((await grid.run(["logs", id])).stdout.toString()).toBe("got one\nend\n")
  })

  it("is read to its end first when nobody stays to pass it on", async () => {
    const { code, stdout } = await grid.run(["run", "--detach", "script.py"], { cwd: place(echo), stdin: "before\n" })
    expect(code).toBe(0)
    const id = stdout.toString().trim()
    await waitUntil("it completed", async () => (await grid.json(["status", id])).state === "completed" || undefined)
    expect((await grid.run(["logs", id])).stdout.toString()).toBe("got before\nend\n")
  })
})
