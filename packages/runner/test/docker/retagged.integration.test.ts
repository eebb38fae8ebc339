/** An image that is built anew under its name is used once the engine has told of it, whatever was made ahead. */
import { assert, describe, it } from "@effect/vitest"
import Docker from "dockerode"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Sandbox } from "rgrid/ports/Sandbox"
import { eventually } from "rgrid/testing/SandboxContract"
import { Slots } from "../../src/Slots.ts"
import { image, kinds, sandboxLayer } from "./fixture.ts"

const docker = new Docker()

/** The tests' image with another id under a name of its own. All of them go with the scope. */
const named = (name: string) => {
  const built: Array<string> = []
  return Effect.acquireRelease(
    Effect.sync(() => ({
      build: (label: string) =>
        Effect.promise(async () => {
          const container = await docker.createContainer({ Image: image, Cmd: ["true"] })
          const [repo, tag] = name.split(":")
          await container.commit({ repo, tag, changes: `LABEL build=${label}` })
          await container.remove()
          const { Id } = await docker.getImage(name).inspect()
          built.push(Id)
          return Id
        })
    })),
    () => Effect.promise(() => Promise.all(built.map((id) => docker.getImage(id).remove({ force: true }))))
  )
}

const used = (name: string) =>
  Effect.scoped(Slots.use((slots) =>
    Effect.map(slots.acquire({ image: name, workdir: "/work", outside: [], limits: {}, network: "none" }), ({ digest }) => digest)))

/** A runner's slots, told of each build by the engine alone. */
const following = Effect.fnUntraced(function*(name: string, build: (label: string) => Effect.Effect<string>) {
  const sandbox = yield* Sandbox
  for (const label of ["one", "two", "three"]) {
    const id = yield* build(label)
    yield* eventually("the engine has told of it", () =>
      Effect.runPromise(Effect.map(sandbox.identify(name, ""), ({ digest }) => digest === id)))
    assert.strictEqual(yield* used(name), id)
    assert.strictEqual(yield* used(name), id)
  }
})

describe.each(kinds)("an image's name by $name", (kind) => {
  it.live("stands for what was built last", () =>
    Effect.gen(function*() {
      const name = `rgrid-retagged-${kind.name}:${process.pid}`
      const { build } = yield* named(name)
      const layer = Layer.provideMerge(Slots.layer(2), sandboxLayer("retagged", {}, kind))
      yield* following(name, build).pipe(Effect.provide(layer))
    }), 60_000)
})
