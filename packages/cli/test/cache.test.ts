import { assert, describe, it } from "@effect/vitest"
import { runnerId } from "rgrid/domain/Id"
import { summary } from "../src/output/cache.ts"

const client = { directory: "/home/me/.cache/rgrid", files: 1, bytes: 411 }
const worker = (name: string) => ({ id: runnerId(0), name })

describe("rgrid cache stats", () => {
  it("tells all three places, and what sharing saves", () => {
    const report = {
      stored: { parts: 37, bytes: 1_200_000_000, savedBytes: 11_800_000_000 },
      workers: [
        { ...worker("box-1"), kept: { parts: 12, bytes: 900_000, limitBytes: 10_000_000, layers: { count: 1, bytes: 2_000_000 } } },
        { ...worker("box-2"), kept: { parts: 1, bytes: 5, limitBytes: 10_000_000 } },
        { ...worker("\u001b[31mold"), kept: null }
      ]
    }
    assert.strictEqual(
      summary(client, report),
      [
        "Remembered here:      hashes of 1 file, 411 B in /home/me/.cache/rgrid",
        "Stored on the grid:   37 parts, 1.2 GB; sharing saves 11.8 GB",
        "Kept by box-1:        12 parts, 900 kB of 10 MB; 1 layer, 2 MB",
        "Kept by box-2:        1 part, 5 B of 10 MB",
        "Kept by \\x1b[31mold:  it has not said",
        ""
      ].join("\n")
    )
  })

  it("says nothing of savings where there are none", () => {
    const stored = { parts: 0, bytes: 0, savedBytes: 0 }
    assert.notInclude(summary({ ...client, files: 0 }, { stored, workers: [] }), "saves")
  })
})
