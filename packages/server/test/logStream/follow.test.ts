/** Both ends of the log stream: what callers read a log with, over a line that breaks. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import type { OutputList } from "rgrid/api/Executions"
import { Connection } from "rgrid/client/Connection"
import { follow } from "rgrid/client/follow"
import { ClientLive } from "rgrid/client/layers"
import { emptyManifest } from "rgrid/domain/Execution"
import { decode } from "rgrid/domain/LogFrame"
import { frames } from "../api/frames.ts"
import { Grid, server } from "../api/harness.ts"
import { append, assigned, say, settlement } from "../api/runner.ts"
import * as CuttingProxy from "./cuttingProxy.ts"

const payload = 32 * 1024
const log = frames(1600, payload)
const step = (32 + payload) * 31

const expected = createHash("sha256")
for (const frame of decode(log).frames) expected.update(frame.bytes)

const client = ({ key, url }: { readonly key: string; readonly url: string }) =>
  ClientLive.pipe(Layer.provide(Layer.succeed(Connection, { url, key: Redacted.make(key), local: false })))

describe("following an execution", () => {
  it.live("gives 50 MB of output byte for byte while its line is cut ten times, then the end", () =>
    Effect.gen(function*() {
      const { key, url } = yield* Grid
      const { assignment } = yield* assigned("1")
      const proxy = yield* CuttingProxy.make(url, 10, log.length / 12)
      const got = createHash("sha256")
      let length = 0
      const ended: Array<string> = []
      let outputs: OutputList | undefined
      const following = yield* follow(assignment.execution).pipe(
        Stream.runForEach((event) =>
          Effect.sync(() => {
            if (event._tag === "Ended") {
              ended.push(event.execution.state)
              outputs = event.outputs
            }
            if (event._tag !== "Output") return
            assert.deepStrictEqual(ended, [])
            got.update(event.bytes)
            length += event.bytes.length
          })
        ),
        Effect.provide(client({ key, url: proxy.url })),
        Effect.forkChild
      )
      for (let at = 0; at < log.length; at += step) yield* append(assignment, at, log.subarray(at, at + step))
      yield* say(assignment, "settle", settlement(log, { offset: log.length, frames: new Uint8Array(0) }))
      yield* Fiber.join(following)
      assert.strictEqual(length, 1600 * payload)
      assert.strictEqual(got.digest("hex"), expected.digest("hex"))
      assert.deepStrictEqual([proxy.cuts(), ended], [10, ["completed"]])
      assert.deepStrictEqual(outputs, { manifest: emptyManifest, parts: {} })
    }).pipe(Effect.scoped, Effect.provide(server)), 60_000)
})
