/** Large files: never half of one under its own name, and no part of one twice. */
import { execFileSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { type RunningCommand, sha256, TestGrid, waitUntil } from "./harness.ts"
import { TransferProxy } from "./transferProxy.ts"

const mebibyte = 1024 * 1024
const size = 340 * mebibyte
const parts = Math.ceil(size / (64 * mebibyte))

/** No part of it is like another. */
const random = (path: string) => execFileSync("sh", ["-c", 'head -c "$1" /dev/urandom > "$2"', "sh", `${size}`, path])
/** The same of what is sent compressed. */
const numbers = (path: string) =>
  execFileSync("sh", ["-c", 'seq 100000000 200000000 | head -c "$1" > "$2"', "sh", `${size}`, path], { stdio: "ignore" })
const hashOf = (path: string) => execFileSync("sha256sum", [path]).toString().split(" ", 1)[0]!

/** Only root may mount. */
const isRoot = process.getuid?.() === 0

describe("a large file", () => {
  let grid: TestGrid
  let proxy: TransferProxy
  beforeAll(async () => {
    grid = new TestGrid()
    await grid.up("process")
    proxy = await TransferProxy.start(grid)
  })
  afterAll(async () => {
    proxy.close()
    await grid.down()
  })

  const stop = async (command: RunningCommand, signal: NodeJS.Signals) => {
    command.child.kill(signal)
    await command.finished
  }

  it.each([["random", random], ["text", numbers]])("of %s is sent on from where a killed client stopped", async (_, make) => {
    const cwd = grid.workplace()
    make(join(cwd, "big"))
    writeFileSync(join(cwd, "hash.py"), "import hashlib\nprint(hashlib.file_digest(open('big', 'rb'), 'sha256').hexdigest())\n")
    proxy.reset(2)
    const first = grid.start(["run", "--detach", "hash.py", "big"], { cwd, env: proxy.env })
    await waitUntil("two parts are there and more on the way", () => proxy.passed.length === 2 && proxy.held > 0 || undefined)
    await stop(first, "SIGKILL")
    const sent = [...proxy.passed]
    proxy.reset()
    const second = await grid.run(["run", "--detach", "hash.py", "big"], { cwd, env: proxy.env })
    expect(second.code).toBe(0)
    const log = await grid.run(["logs", "--follow", second.stdout.toString().trim()])
    expect(log.stdout.toString().trim()).toBe(hashOf(join(cwd, "big")))
    expect(proxy.passed.filter((part) => sent.includes(part))).toEqual([])
    // The script is a part as well; held up it goes through all the same, since it is no longer than what does.
    const script = sha256(readFileSync(join(cwd, "hash.py")))
    expect([...new Set([...sent, ...proxy.passed])].filter((part) => part !== script)).toHaveLength(parts)
  })

  it("is changed for nobody else by a script that writes over it", async () => {
    const cwd = grid.workplace()
    random(join(cwd, "mine"))
    const before = hashOf(join(cwd, "mine"))
    writeFileSync(
      join(cwd, "over.py"),
      "import hashlib\nwith open('mine', 'r+b') as file:\n    print(hashlib.file_digest(file, 'sha256').hexdigest())\n" +
        "    for at in range(0, 340 << 20, 1 << 20):\n        file.seek(at)\n        file.write(b'x' * 4096)\n"
    )
    for (let times = 0; times < 2; times++) {
      const { code, stdout } = await grid.run(["run", "--remote-only", "over.py", "mine"], { cwd })
      expect([code, stdout.toString().trim()]).toEqual([0, before])
    }
  })

  describe("that a script made", () => {
    let id: string
    let expected: string
    const partial = /^\.rgrid-[0-9a-f]{64}\.part$/

    beforeAll(async () => {
      const cwd = grid.workplace()
      writeFileSync(
        join(cwd, "big.py"),
        "import hashlib, os\nhash = hashlib.sha256()\nwith open('big', 'wb') as file:\n" +
          `  for _ in range(${size / mebibyte}):\n    block = os.urandom(${mebibyte})\n    hash.update(block)\n    file.write(block)\n` +
          "print(hash.hexdigest())\n"
      )
      const made = await grid.run(["run", "--remote-only", "big.py"], { cwd })
      if (made.code !== 0) throw new Error(made.stderr)
      expected = made.stdout.toString().trim()
      id = (await grid.json(["list"]))[0].id
    })

    const download = (cwd: string) => grid.start(["download", id], { cwd, env: proxy.env })

    /** Four are asked for at a time, and the last two only when these are written here. */
    const twoAreHere = () =>
      waitUntil("two parts are here and a piece of each other", () => proxy.passed.length === 2 && proxy.held === parts - 2 || undefined)

    it.each(["SIGKILL", "SIGINT", "cut"] as const)("is fetched on from its whole parts after %s", async (end) => {
      const cwd = grid.workplace()
      proxy.reset(2)
      const first = download(cwd)
      await twoAreHere()
      const got = [...proxy.passed]
      if (end === "cut") {
        const cutting = setInterval(() => proxy.cut(), 50)
        expect((await first.finished).code).toBe(125)
        clearInterval(cutting)
      } else await stop(first, end)
      const [left, ...more] = readdirSync(cwd)
      expect(left).toMatch(partial)
      expect(more).toEqual([])
      proxy.reset()
      expect(await download(cwd).finished).toMatchObject({ code: 0, stderr: "" })
      expect(readdirSync(cwd)).toEqual(["big"])
      expect(hashOf(join(cwd, "big"))).toBe(expected)
      // A part may pass twice where a connection was lost once more.
      expect(new Set(proxy.passed).size).toBe(parts - got.length)
      expect(proxy.passed.filter((part) => got.includes(part))).toEqual([])
    })

    it("is whole though its partial file is damaged", async () => {
      const cwd = grid.workplace()
      proxy.reset(2)
      const first = download(cwd)
      await twoAreHere()
      await stop(first, "SIGKILL")
      const left = join(cwd, readdirSync(cwd)[0]!)
      const whole = readFileSync(left)
      // They come several at a time: which two are whole is seen from what passed.
      const at = [0, 1, 2, 3, 4, 5].find((index) =>
        sha256(whole.subarray(index * 64 * mebibyte, (index + 1) * 64 * mebibyte)) === proxy.passed[1]
      )!
      execFileSync("dd", ["if=/dev/zero", `of=${left}`, "bs=1M", "count=1", `seek=${at * 64 + 6}`, "conv=notrunc"], { stdio: "ignore" })
      proxy.reset()
      expect((await download(cwd).finished).code).toBe(0)
      expect(hashOf(join(cwd, "big"))).toBe(expected)
      expect(new Set(proxy.passed).size).toBe(parts - 1)
    })

    it("is whole when two fetch it at once, and nothing else is left", async () => {
      const cwd = grid.workplace()
      proxy.reset()
      const both = await Promise.all([download(cwd).finished, download(cwd).finished])
      expect(both.map(({ code }) => code)).toEqual([0, 0])
      expect(readdirSync(cwd)).toEqual(["big"])
      expect(hashOf(join(cwd, "big"))).toBe(expected)
    })

    it("is fetched once: what is here already is not fetched again", async () => {
      const cwd = grid.workplace()
      expect((await download(cwd).finished).code).toBe(0)
      proxy.reset()
      expect((await download(cwd).finished).code).toBe(0)
      expect(proxy.passed).toEqual([])
    })

    describe.runIf(isRoot)("on a disk that takes nothing", () => {
      let disk: string
      const mount = (options: string) => {
        disk = join(grid.home, "disk")
        mkdirSync(disk)
        execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", disk])
      }
      afterEach(() => {
        execFileSync("umount", ["-l", disk])
        execFileSync("rmdir", [disk])
      })

      it.each([["size=100m", "The disk here is full."], ["ro", "The disk here is read-only."]])(
        "(%s) ends with one sentence, and the grid keeps it",
        async (options, why) => {
          mount(options)
          const got = await grid.run(["download", id, disk])
          expect(got.code).toBe(125)
          expect(got.stderr).toMatch(/^✗ big could not be written\.\n/)
          expect(got.stderr).toContain(why)
          expect(got.stderr).toContain(`rgrid download ${id}`)
          expect(got.stderr).not.toMatch(/\n\s+at |ENOSPC|EROFS/)
          // Neither half a file nor what fills the disk.
          expect(readdirSync(disk)).toEqual([])
          const cwd = grid.workplace()
          expect((await download(cwd).finished).code).toBe(0)
          expect(hashOf(join(cwd, "big"))).toBe(expected)
        }
      )
    })
  })
})
