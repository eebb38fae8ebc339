/** What the other tests trust: a program that did not end well is not told as if it had. */
import { tmpdir } from "node:os"
import { describe, expect, it } from "vitest"
import { local } from "./harness.ts"

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
