/** Unpacked images: what becomes of slots when somebody removes one. */
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Sandbox } from "rgrid/ports/Sandbox"
import { image, kinds, runnerIdFor, temporaryDirectory } from "./fixture.ts"

const request = { image, workdir: "/work", outside: [], limits: {}, network: "none" } as const
const kind = kinds.find(({ name }) => name !== "docker")

describe.skipIf(kind === undefined)("an unpacked image", () => {
  it.live("is unpacked again when it was removed by hand", () =>
    Effect.gen(function*() {
      const stateDirectory = yield* temporaryDirectory
      const all = join(stateDirectory, "rootfs")
      yield* Effect.gen(function*() {
        const { prepare } = yield* Sandbox
        yield* Effect.scoped(prepare(request))
        for (const name of readdirSync(all)) rmSync(join(all, name), { recursive: true })
        yield* Effect.scoped(prepare(request))
      }).pipe(Effect.provide(kind!.layer({ runnerId: runnerIdFor("rootfs"), stateDirectory, allowPrivateNetworks: true })))
    }).pipe(Effect.scoped), 60_000)
})
