/** The binaries in the repository are those the source builds. */
import { assert, describe, it } from "@effect/vitest"
import { execFileSync, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { seccompProfile } from "../../src/slot/initBinary.ts"

const init = dirname(seccompProfile)
const sha256 = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex")
const binaries = ["init", "mount", "start"].flatMap((name) => [`rgrid-${name}-linux-arm64`, `rgrid-${name}-linux-x64`])

/** The compiler the build pins; where it is not installed, the recorded sums must do. */
const hasCompiler = spawnSync("python3", ["-c", "import ziglang"]).status === 0

describe("the prebuilt init", () => {
  it("is newer than every change of its source: rebuild with init/build", () => {
    const lines = readFileSync(join(init, "prebuilt", "SHA256SUMS"), "utf8").trim().split("\n")
    const recorded = Object.fromEntries(lines.map((line) => line.split(/\s+/).toReversed()))
    const names = ["rgrid-init.c", "rgrid-mount.c", "rgrid-start.c", "sweep.c", "sweep.h", "build", ...binaries.map((name) => `prebuilt/${name}`)]
    assert.deepStrictEqual(recorded, Object.fromEntries(names.map((name) => [name, sha256(join(init, name))])))
  })

  it.skipIf(!hasCompiler)("is built again byte for byte", { timeout: 300_000 }, () => {
    const directory = mkdtempSync(join(tmpdir(), "rgrid-init-"))
    try {
      execFileSync(join(init, "build"), [directory])
      for (const name of binaries) {
        assert.strictEqual(sha256(join(directory, name)), sha256(join(init, "prebuilt", name)))
      }
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
