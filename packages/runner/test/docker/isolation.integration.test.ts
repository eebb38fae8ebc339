/** Each control of the isolation design, seen from the engine where there is one, and from within. */
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Sandbox } from "rgrid/ports/Sandbox"
import { helpers } from "rgrid/testing/SandboxContract"
import { image, type Kind, kinds, sandboxLayer } from "./fixture.ts"
import type { Methods } from "./isolation/asking.ts"
import { byEngine } from "./isolation/engine.ts"
import { fromMachine } from "./isolation/machine.ts"
import { forOrdinary } from "./isolation/ordinary.ts"
import { withoutPowers } from "./isolation/powers.ts"
import { bySystemCall } from "./isolation/systemCalls.ts"

const contract = (kind: Kind) => ({
  layer: sandboxLayer("isolation", {}, kind),
  image,
  workdir: "/work",
  capabilities: { memoryLimit: true, networkNone: true, ownPidNamespace: true, pids: true, ownMemory: true }
})

const told = (it: Methods) => {
  it.effect("says of each control whether this machine enforces it", () =>
    Effect.gen(function*() {
      const controls = yield* (yield* Sandbox).controls
      const enforced = controls.filter(({ enforced }) => enforced).map(({ name }) => name)
      assert.includeMembers(enforced, ["separate user", "seccomp", "memory", "cpu", "processes", "read-only root"])
      assert.isTrue(controls.every(({ detail }) => detail.length > 0))
    }))
}

for (const kind of kinds) {
  const options = contract(kind)
  layer(options.layer, { timeout: "60 seconds", excludeTestServices: true })(`isolation by ${kind.name}`, (it) => {
    const bound = helpers(options)
    if (kind.name === "docker") byEngine(it, bound)
    fromMachine(it, bound)
    withoutPowers(it, bound)
    bySystemCall(it, bound)
    forOrdinary(it, bound)
    told(it)
  })
}
