/** What only some sandboxes can do. */
import { assert } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { type Helpers, type Methods, python } from "./helpers.ts"

export const enforced = (it: Methods, { execute, options }: Helpers) => {
  if (options.capabilities.memoryLimit) {
    it.effect("tells when the kernel killed for memory, whatever the exit status says", () =>
      Effect.gen(function*() {
        const limits = { memoryBytes: 64 * 1024 * 1024 }
        const direct = yield* execute(python("b=bytearray(500_000_000)"), { limits })
        assert.deepInclude(direct.exit, { signal: 9, oomKilled: true })
        const hidden = yield* execute(["sh", "-c", "python3 -c 'b=bytearray(500_000_000)'; exit 0"], { limits })
        assert.deepInclude(hidden.exit, { code: 0, oomKilled: true })
        const killed = yield* execute(["sh", "-c", "kill -9 $$"], { limits })
        assert.deepInclude(killed.exit, { signal: 9, oomKilled: false })
      }), 60_000)
  }
  if (options.capabilities.networkNone) {
    it.effect("has nothing but the loopback without a network", () =>
      Effect.gen(function*() {
        const { stdout } = yield* execute(["sh", "-c", "ls /sys/class/net"], { network: "none" })
        assert.strictEqual(stdout.toString().trim(), "lo")
      }))
  }
  if (options.capabilities.ownPidNamespace) {
    it.effect("sees no processes but its own", () =>
      Effect.gen(function*() {
        const { stdout } = yield* execute(python("import os;print(sum(p.isdigit() for p in os.listdir('/proc')))"))
        assert.strictEqual(stdout.toString().trim(), "2")
      }))
  }
  if (options.capabilities.pids) {
    it.effect("holds a fork bomb", () =>
      Effect.gen(function*() {
        const { exit } = yield* execute(["sh", "-c", "f() { f | f & }; f; sleep 300"], {
          limits: { pids: 64 },
          deadline: Duration.seconds(2)
        })
        assert.include(["deadline", "exited"], exit.reason)
      }), 30_000)
  }
}
