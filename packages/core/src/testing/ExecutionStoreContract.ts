/**
 * What every store of executions must do, as tests: an adapter that passes this suite may hold a grid's truth.
 *
 * The suite shares one store among its tests, so each begins by settling what is left queued or placed.
 */
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { ExecutionStore } from "../ports/ExecutionStore.ts"
import { accepting, reading } from "./executionStore/accepting.ts"
import { claiming, settling } from "./executionStore/attempts.ts"
import { costing } from "./executionStore/costing.ts"
import { telling } from "./executionStore/telling.ts"
import { canceling, hinting, passing } from "./executionStore/endings.ts"
import type { Options } from "./executionStore/fixtures.ts"
import { against } from "./executionStore/model.ts"
import { retrying } from "./executionStore/retrying.ts"
import { removing } from "./executionStore/removing.ts"
import { together } from "./executionStore/together.ts"

export { accept, newAccount, newClaimant, newId, type Options, settlement, spec } from "./executionStore/fixtures.ts"

export const suite = <R, E>(name: string, options: Options<R, E>): void => {
  describe(`ExecutionStore: ${name}`, () => {
    layer(options.layer, { timeout: "60 seconds", excludeTestServices: !options.testClock })((it) => {
      accepting(it, options)
      reading(it)
      claiming(it, options)
      settling(it, options)
      together(it, options)
      canceling(it, options)
      passing(it, options)
      costing(it, options)
      telling(it, options)
      hinting(it)
      removing(it)
      retrying(it, options)
      against(it, options)

      it.effect("answers and knows its schema", () =>
        Effect.gen(function*() {
          const store = yield* ExecutionStore
          yield* store.ping
          assert.isAtLeast(yield* store.version, 0)
        }))
    })
  })
}
