/** What the program beside the runner says where it can't do what is asked. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Starter from "../../src/adapters/oci/Starter.ts"
import * as initBinary from "../../src/slot/initBinary.ts"

const base = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "rgrid-starter-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const runtime = { name: "crun", version: "" } as const
const canRun = process.platform === "linux" && initBinary.starter(process.arch) !== undefined

describe.skipIf(!canRun)("the starter", () => {
  it.live("says why it did not start", () =>
    Effect.gen(function*() {
      const directory = yield* base
      const { reason } = yield* Effect.flip(Starter.make(directory, join(directory, "none"), runtime))
      assert.deepInclude({ ...reason }, {
        _tag: "SandboxUnavailable",
        detail: `rgrid-start: it ended with 1: ${join(directory, "none")}: No such file or directory`
      })
    }))

  it.live("refuses in words what is more than it takes", () =>
    Effect.gen(function*() {
      const directory = yield* base
      const { start } = yield* Starter.make(directory, directory, runtime)
      const slot = join(directory, "slot")
      mkdirSync(slot)
      const order = { directory: slot, lower: "/", config: "{}", args: ["crun"] }
      const { reason } = yield* Effect.flip(start({ ...order, config: "x".repeat(1024 * 1024) }))
      assert.match(String(Object(reason)["detail"]), /^rgrid-start: \d+ bytes are more than/)
      const socket = yield* start({ ...order, args: Array.from({ length: 62 }, () => "crun") })
      yield* Effect.promise(() => once(socket.resume(), "close"))
      assert.strictEqual(readFileSync(join(slot, "said"), "utf8"), "arguments: Argument list too long\n")
    }))
})
