/** What the other tests trust: a program that did not end well is not told as if it had. */
import { tmpdir } from "node:os"
import { afterEach, describe, expect, it, vi } from "vitest"
import { local, unnamed } from "./harness.ts"

describe("a program run here", () => {
  it("has its own exit code", async () => {
    expect(await local("sh", ["-c", "echo said; exit 3"], tmpdir())).toMatchObject({ code: 3, stdout: Buffer.from("said\n") })
  })

  it("has none when a signal ended it", async () => {
    expect(await local("sh", ["-c", "kill -KILL $$"], tmpdir())).toMatchObject({ code: null })
  })

  it("fails the test when it is missing", async () => {
    await expect(local("rgrid-no-such-program", [], tmpdir())).rejects.toMatchObject({ code: "ENOENT" })
  })
})

describe("the environment of a program", () => {
  afterEach(() => vi.unstubAllEnvs())

  it("names no grid and no run of CI, only where packages come from", () => {
    const left = ["RGRID_URL", "RGRID_BIN", "RGRID_SLOTS", "NO_COLOR", "GITHUB_TOKEN", "RUNNER_DEBUG", "INPUT_SERVER", "STATE_id"]
    const kept = ["RGRID_CA_BUNDLE", "RGRID_PACKAGE_INDEX", "SOMETHING_ELSE"]
    for (const name of [...left, ...kept]) vi.stubEnv(name, "x")
    const names = Object.keys(unnamed())
    expect(names).toEqual(expect.arrayContaining(kept))
    expect(names.filter((name) => left.includes(name))).toEqual([])
  })
})
