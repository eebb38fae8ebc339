/** What every store of batches must do, as tests. Beside `ExecutionStoreContract`, over the same store. */
import { describe, layer } from "@effect/vitest"
import { again } from "./batchStore/again.ts"
import type { Options } from "./batchStore/fixtures.ts"
import { gating } from "./batchStore/gate.ts"
import { reading } from "./batchStore/reading.ts"
import { together } from "./batchStore/together.ts"

export { acceptBatch, items, type Options } from "./batchStore/fixtures.ts"

export const suite = <R, E>(name: string, options: Options<R, E>): void => {
  describe(`BatchStore: ${name}`, () => {
    layer(options.layer, { timeout: "60 seconds", excludeTestServices: !options.testClock })((it) => {
      reading(it, options)
      gating(it, options)
      together(it, options)
      again(it, options)
    })
  })
}
