import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { assignment } from "./fixtures/jobs.ts"
import * as runner from "./fixtures/runner.ts"
import { waitUntil } from "./fixtures/waitUntil.ts"

describe("an attempt whose image is being pulled", () => {
  it.live("tells how far it is, and that the wait is over, before its script starts", () =>
    Effect.gen(function*() {
      const { memory, server, theatre } = yield* runner.make(() => Effect.void)
      const told = () => memory.heard.flatMap((message) => message._tag === "AttemptProgress" ? [message] : [])
      theatre.pull = { doneBytes: 10, totalBytes: 50 }
      const job = assignment({ runtime: "docker.io/acme/tool:1" })
      yield* server.assign(job)
      yield* waitUntil("the first word", () => told().length === 1)
      theatre.pull = { doneBytes: 50, totalBytes: 50 }
      yield* waitUntil("the second word", () => told().length === 2)
      theatre.pull = null
      yield* waitUntil("settled", () => memory.settled.get(job.execution))
      assert.deepStrictEqual(
        told().map(({ execution, fence, progress }) => [execution, fence, progress.phase, progress.doneBytes]),
        [
          [job.execution, 1, "pulling", 10],
          [job.execution, 1, "pulling", 50],
          [job.execution, 1, "starting", 50]
        ]
      )
      assert.strictEqual(told()[0]?.progress.image, "docker.io/acme/tool:1")
    }))

  it.live("tells nothing when its slot is there", () =>
    Effect.gen(function*() {
      const { memory, server } = yield* runner.make(() => Effect.void)
      const job = assignment()
      yield* server.assign(job)
      yield* waitUntil("settled", () => memory.settled.get(job.execution))
      assert.strictEqual(memory.count("AttemptProgress"), 0)
    }))
})
