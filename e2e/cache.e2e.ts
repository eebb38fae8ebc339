/** What need not be done again, seen from the command line, and how to do it again all the same. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { sha256, TestGrid, waitUntil } from "./harness.ts"

const large = Buffer.alloc(2 * 1024 * 1024, "0123456789abcdef\n")
const hash = sha256(large)
const script = "import hashlib, sys\nprint(hashlib.sha256(open(sys.argv[1], 'rb').read()).hexdigest())\n"

const filesBelow = (directory: string): ReadonlyArray<string> =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name))

describe("caches", () => {
  let grid: TestGrid
  let cwd: string
  const run = (...flags: ReadonlyArray<string>) => grid.run(["run", "hash.py", "large.txt", ...flags], { cwd })
  const stats = () => grid.json(["cache", "stats"])

  beforeAll(async () => {
    grid = new TestGrid()
    await grid.up("process")
    cwd = grid.workplace()
    writeFileSync(join(cwd, "hash.py"), script)
    writeFileSync(join(cwd, "large.txt"), large)
  })
  afterAll(() => grid.down())

  it("hold each input once, wherever it was used", async () => {
    // What has only just been written is not remembered yet.
    await waitUntil("the file is remembered", async () => {
      expect(await run()).toMatchObject({ code: 0, stderr: "" })
      return (await stats()).client.files === 1 || undefined
    })
    await run()
    const { client, stored, workers } = await stats()
    expect(client).toMatchObject({ directory: join(grid.cache, "rgrid"), files: 1 })
    expect(stored).toMatchObject({ parts: 2, bytes: large.length + script.length })
    expect(stored.savedBytes).toBeGreaterThanOrEqual(stored.bytes)
    expect(workers).toMatchObject([{ kept: { parts: 2, bytes: stored.bytes } }])
    const told = await grid.run(["cache", "stats"])
    expect(told.stdout.toString()).toMatch(/^Stored on the grid: +2 parts, 2\.1 MB; sharing saves /m)
  })

  it("are gone around by --no-cache: hashed anew, and sent anew over what a disk has spoilt", async () => {
    const [entry] = filesBelow(join(grid.cache, "rgrid", "addresses"))
    writeFileSync(entry!, readFileSync(entry!, "utf8").replaceAll(hash, "f".repeat(64)))
    const forged = readFileSync(entry!, "utf8")
    // The file is not what is remembered of it: what arrives is refused, and that is remembered no more.
    expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining("large.txt") })
    expect(await run()).toMatchObject({ code: 0, stderr: "" })
    writeFileSync(entry!, forged)
    const object = filesBelow(grid.directory).find((path) => path.endsWith(hash) && path.includes("inputs"))!
    writeFileSync(object, Buffer.alloc(large.length))
    const got = await run("--no-cache")
    expect(got).toMatchObject({ code: 0, stderr: "" })
    expect(got.stdout.toString()).toBe(`${hash}\n`)
    expect(sha256(readFileSync(object))).toBe(hash)
    expect(await run()).toMatchObject({ code: 0, stderr: "" })
  })

  it("are gone around by a batch too", async () => {
    const place = grid.workplace(join(cwd, "hash.py"))
    for (const name of ["a", "b", "c"]) writeFileSync(join(place, `${name}.txt`), name)
    const batch = (...flags: ReadonlyArray<string>) => grid.run(["run", "hash.py", "--batch", "*.txt", ...flags], { cwd: place })
    expect((await batch()).code).toBe(0)
    const object = filesBelow(grid.directory).find((path) => path.endsWith(sha256("b")) && path.includes("inputs"))!
    writeFileSync(object, "x")
    expect((await batch()).code).toBe(0)
    expect(readFileSync(object, "utf8")).toBe("x")
    const anew = await batch("--no-cache")
    expect(anew.code, anew.stderr).toBe(0)
    expect(readFileSync(object, "utf8")).toBe("b")
  })

  it("are cleared here when asked, without a grid", async () => {
    const alone = { env: { RGRID_HOME: join(grid.home, "none") } }
    const cleared = await grid.run(["cache", "clear"], alone)
    expect(cleared).toMatchObject({ code: 0, stderr: expect.stringContaining("1 file.") })
    expect(await grid.json(["cache", "clear"], alone)).toMatchObject({ files: 0, bytes: 0 })
    expect(readdirSync(grid.home)).not.toContain("none")
    expect(await run()).toMatchObject({ code: 0, stderr: "" })
  })
})
