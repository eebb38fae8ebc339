/** What every store of objects must do, as tests. Each test has keys of its own. */
import { describe, layer } from "@effect/vitest"
import { adopting } from "./objectStore/adopting.ts"
import type { Options } from "./objectStore/fixtures.ts"
import { reading } from "./objectStore/reading.ts"
import { refusing } from "./objectStore/refusing.ts"
import { removing } from "./objectStore/removing.ts"
import { signing } from "./objectStore/signing.ts"
import { storing } from "./objectStore/storing.ts"

export type { Options } from "./objectStore/fixtures.ts"

export const suite = <E>(name: string, options: Options<E>): void => {
  describe(`ObjectStore: ${name}`, () => {
    // On the real clock: a store that waits for a disk is to be given up some time.
    layer(options.layer, { timeout: "60 seconds", excludeTestServices: true })((it) => {
      storing(it)
      refusing(it)
      adopting(it)
      reading(it)
      removing(it)
      signing(it)
    })
  })
}
