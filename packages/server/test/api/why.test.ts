/** What explains an execution, over the wire. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { WhyFacts } from "rgrid/domain/Why"
import { frames } from "./frames.ts"
import { ask, read, server, codeOf } from "./harness.ts"
import { assigned, say, settlement, submitted } from "./runner.ts"

const factsOf = (id: string) => Effect.flatMap(ask("GET", `/api/v1/executions/${id}/why`), (answer) => read(WhyFacts, answer))

describe("why over HTTP", () => {
  it.live("tells who waits for whom, who has it, and what its runner measured", () =>
    Effect.gen(function*() {
      const { assignment } = yield* assigned("print()\n")
      const waiting = yield* factsOf(yield* submitted("print(2)\n"))
      assert.deepInclude(waiting, { ahead: 0, workerConnected: false, leaseUntil: null })
      assert.deepStrictEqual(waiting.workers, { connected: 1, slots: 1, busy: 1 })
      const placed = yield* factsOf(assignment.execution)
      assert.isTrue(placed.workerConnected)
      assert.isNotNull(placed.leaseUntil)
      const phases = { prepareMillis: 3, slotMillis: 2, inputsMillis: 1, runMillis: 4, outputsMillis: 0 }
      const log = frames(1, 10)
      yield* say(assignment, "settle", { ...settlement(log, { offset: 0, frames: log }), phases })
      const { events } = yield* factsOf(assignment.execution)
      assert.strictEqual(events.at(-1)?.type, "Settled")
      assert.deepStrictEqual(events.at(-1)?.data, { phases })
      assert.strictEqual(yield* codeOf(yield* ask("GET", "/api/v1/executions/nonsense/why")), "NotFound")
    }).pipe(Effect.scoped, Effect.provide(server)))
})
