/** Seen from the engine. */
import { assert } from "@effect/vitest"
import Docker from "dockerode"
import * as Effect from "effect/Effect"
import type { Helpers, Methods } from "./asking.ts"

const docker = new Docker()

const inspect = (slot: string) => Effect.promise(() => docker.getContainer(`rgrid-${slot}`).inspect())

export const byEngine = (it: Methods, { begin }: Helpers) => {
  it.effect("is what the engine was asked for", () =>
    Effect.gen(function*() {
      const limits = { cpu: 0.5, memoryBytes: 128 * 1024 * 1024, pids: 77 }
      const { slot } = yield* begin(["sleep", "60"], { limits })
      const { Config, HostConfig, Mounts, State } = yield* inspect(slot.id)
      assert.deepInclude(HostConfig, {
        Privileged: false,
        ReadonlyRootfs: true,
        CapDrop: ["ALL"],
        NetworkMode: "none",
        PidMode: "",
        IpcMode: "private",
        UTSMode: "",
        UsernsMode: "",
        AutoRemove: true,
        PidsLimit: 77,
        Memory: limits.memoryBytes,
        MemorySwap: limits.memoryBytes,
        NanoCpus: 5e8
      })
      assert.deepStrictEqual(Object.keys(HostConfig.PortBindings ?? {}), [])
      const added: ReadonlyArray<string> = HostConfig.CapAdd ?? []
      assert.sameMembers(added.map((name) => name.replace("CAP_", "")), ["SETUID", "SETGID", "KILL"])
      assert.include(HostConfig.SecurityOpt, "no-new-privileges")
      assert.strictEqual(HostConfig.LogConfig?.Type, "none")
      assert.deepStrictEqual(HostConfig.Devices ?? [], [])
      assert.isFalse(Mounts.some(({ Source }) => Source.includes("docker.sock")))
      assert.isFalse(Config.Tty)
      assert.isTrue(State.Running)
    }))

  it.effect("keeps arguments and environment out of the engine's configuration", () =>
    Effect.gen(function*() {
      const { slot } = yield* begin(["sh", "-c", "sleep 60", "argument-secret"], {
        env: { PATH: "/usr/bin:/bin", TOKEN: "environment-secret" }
      })
      const text = JSON.stringify(yield* inspect(slot.id))
      assert.notInclude(text, "environment-secret")
      assert.notInclude(text, "argument-secret")
    }))
}
