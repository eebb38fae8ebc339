/** A script that calls ffmpeg, unchanged, where ffmpeg is. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { hasDocker, hasImage } from "../scripts/testing/docker.ts"
import { examples, TestGrid } from "./harness.ts"
import { decoded, ffmpegImage, png } from "./images.ts"

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
})
