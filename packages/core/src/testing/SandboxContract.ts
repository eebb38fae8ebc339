/**
 * What every sandbox must do, as tests: an adapter that passes this suite may run attempts.
 *
 * The image needs `python3` and `sh`. Nothing here knows how a sandbox isolates; what only some can do is asked for by
 * `capabilities`.
 */
import { describe, layer } from "@effect/vitest"
import { ending } from "./sandbox/ending.ts"
import { enforced } from "./sandbox/enforced.ts"
import { helpers, type Options } from "./sandbox/helpers.ts"
import { mounts } from "./sandbox/mounts.ts"
import { resets } from "./sandbox/resets.ts"
import { slots } from "./sandbox/slots.ts"
import { starting } from "./sandbox/starting.ts"
import { streams } from "./sandbox/streams.ts"

export { eventually, helpers, openSlot, type Options, python } from "./sandbox/helpers.ts"

/** Registers the suite. Every test makes slots of its own; the sandbox is shared. */
export const suite = (name: string, options: Options): void => {
  const bound = helpers(options)
  describe(`Sandbox: ${name}`, () => {
    layer(options.layer, { timeout: "60 seconds", excludeTestServices: true })((it) => {
      starting(it, bound)
      streams(it, bound)
      ending(it, bound)
      slots(it, bound)
      mounts(it, bound)
      enforced(it, bound)
      resets(it, bound)
    })
  })
}
