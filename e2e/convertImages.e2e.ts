/** A script that calls ffmpeg, unchanged, where ffmpeg is. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { hasDocker, hasImage } from "../scripts/testing/docker.ts"
import { examples, TestGrid, waitUntil } from "./harness.ts"
import { decoded, ffmpegImage, png } from "./images.ts"

/** A hundred containers, two at a time on a small machine that is busy with something else. */
const patience = 480_000

const script = join(examples, "convert-images/convert_image.py")

describe.runIf(hasDocker && hasImage(ffmpegImage))("images converted by ffmpeg", () => {
  let grid: TestGrid
  beforeAll(async () => {
    grid = new TestGrid()
    await grid.up("docker")
  })
  afterAll(() => grid.down())

  it("stand beside their originals, and can be seen", async () => {
    const cwd = grid.workplace(script)
    mkdirSync(join(cwd, "images"))
    writeFileSync(join(cwd, "images/a photo.png"), png(64, 48, 1))
    const got = await grid.run(["run", "--runtime", "ffmpeg:latest", "convert_image.py", "images/a photo.png"], { cwd })
    expect(got).toMatchObject({ code: 0, stderr: "" })
    expect(got.stdout.toString()).toMatch(/^images\/a photo\.png -> images\/a photo\.jpg \(\d+ bytes\)\n$/)
    expect(decoded(join(cwd, "images"))).toEqual(["./a photo.jpg,mjpeg,64,48"])
  })

  it("are none of what is no image: ffmpeg's words are told, and nothing is left", async () => {
    const cwd = grid.workplace(script)
    writeFileSync(join(cwd, "photo.png"), png(64, 48, 1).subarray(0, 60))
    const { code, stderr } = await grid.run(["run", "--runtime", "ffmpeg:latest", "convert_image.py", "photo.png"], { cwd })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^photo\.png: /)
    expect(readdirSync(cwd).sort()).toEqual(["convert_image.py", "photo.png"])
  })

  /** Different images, and what becomes of them. */
  const many = (number: number) => {
    const cwd = grid.workplace(script)
    mkdirSync(join(cwd, "images"))
    const names = Array.from({ length: number }, (_, index) => String(index + 1).padStart(3, "0"))
    names.forEach((name, index) => writeFileSync(join(cwd, `images/${name}.png`), png(64 + index, 48, index)))
    const expected = names.map((name, index) => `./${name}/images/${name}.jpg,mjpeg,${64 + index},48`)
    return { cwd, expected, outputs: join(cwd, "outputs") }
  }
  const command = ["run", "--runtime", "ffmpeg:latest", "convert_image.py", "--batch", "images/*.png", "--parallel", "20"]

  it("are a hundred, by one command", async () => {
    const { cwd, expected, outputs } = many(100)
    const { code, stderr } = await grid.run([...command, "--watch"], { cwd })
    expect(code, stderr).toBe(0)
    expect(stderr).toContain("100 succeeded")
    expect(decoded(outputs)).toEqual(expected)
  }, patience)

  it("are all there when the client is killed half way and somebody comes back to the batch", async () => {
    const { cwd, expected, outputs } = many(100)
    const { child, finished, stderr } = grid.start(command, { cwd })
    await waitUntil("some are here", () => existsSync(outputs) && readdirSync(outputs).length >= 40 || undefined)
    child.kill("SIGKILL")
    await finished
    const [id] = /batch_\w{26}/.exec(stderr()) ?? []
    expect(readdirSync(outputs).length).toBeLessThan(100)
    const back = await grid.run(["status", id!, "--watch"], { cwd })
    expect(back.code, back.stderr).toBe(0)
    expect((await grid.run(["download", id!], { cwd })).code).toBe(0)
    expect(decoded(outputs)).toEqual(expected)
  }, patience)
})
