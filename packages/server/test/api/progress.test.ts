/** What a runner says of an attempt that has not begun reaches whoever reads its log. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { ToReader } from "rgrid/api/LogStreamProtocol"
import { decodeToReader } from "rgrid/api/LogStreamProtocol"
import { server } from "./harness.ts"
import { open, type Reader } from "./reader.ts"
import { assigned } from "./runner.ts"

const pulling = (doneBytes: number) => ({
  phase: "pulling" as const,
  image: "ghcr.io/acme/tool:1",
  doneBytes,
  totalBytes: 100
})

/** The next word on progress; what else is said is passed over. */
const heard = (reader: Reader) =>
  Effect.gen(function*() {
    while (true) {
      for (const message of yield* reader.pull) {
        if (typeof message !== "string") continue
        const said: ToReader = yield* decodeToReader(message)
        if (said._tag === "Progress") return said
      }
    }
  })

describe("progress before a script starts", () => {
  it.live("is told to a reader as it comes, and its newest word to one that comes later", () =>
    Effect.gen(function*() {
      const { assignment, runner } = yield* assigned("1")
      const { execution, fence } = assignment
      const first = yield* open(execution, { attempt: 0, offset: 0 })
      const tell = (progress: { readonly phase: "pulling" | "starting"; image: string; doneBytes: number; totalBytes: number }) =>
        runner.say({ _tag: "AttemptProgress", execution, fence, progress })
      yield* tell(pulling(10))
      assert.deepStrictEqual(yield* heard(first), { _tag: "Progress", attempt: 1, progress: pulling(10) })
      yield* tell(pulling(60))
      assert.strictEqual((yield* heard(first)).progress.doneBytes, 60)
      const second = yield* open(execution, { attempt: 0, offset: 0 })
      assert.strictEqual((yield* heard(second)).progress.doneBytes, 60)
      yield* tell({ ...pulling(100), phase: "starting" })
      assert.strictEqual((yield* heard(first)).progress.phase, "starting")
      assert.strictEqual((yield* heard(second)).progress.phase, "starting")
    }).pipe(Effect.scoped, Effect.provide(server)))
})
