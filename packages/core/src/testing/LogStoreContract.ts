/** What every store of logs must do, as tests. Each test has an attempt of its own. */
import { describe, layer } from "@effect/vitest"
import { appending } from "./logStore/appending.ts"
import type { Options } from "./logStore/fixtures.ts"
import { framing } from "./logStore/framing.ts"
import { reading } from "./logStore/reading.ts"
import { removing } from "./logStore/removing.ts"
import { sealing } from "./logStore/sealing.ts"
import { telling } from "./logStore/telling.ts"

export type { Options } from "./logStore/fixtures.ts"

export const suite = <E>(name: string, options: Options<E>): void => {
  describe(`LogStore: ${name}`, () => {
    // On the real clock: what does not come is waited for.
    layer(options.layer, { timeout: "60 seconds", excludeTestServices: true })((it) => {
      appending(it)
      framing(it)
      reading(it)
      telling(it)
      sealing(it)
      removing(it)
    })
  })
}
