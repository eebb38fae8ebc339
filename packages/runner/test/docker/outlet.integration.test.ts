/** Past the engine a slot's init speaks over a socket that its script can see, and can't use. */
import { assert, it } from "@effect/vitest"
import Docker from "dockerode"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { readlink } from "node:fs/promises"
import { release } from "node:os"
import { Sandbox, type SlotRequest } from "rgrid/ports/Sandbox"
import { openSlot, python } from "rgrid/testing/SandboxContract"
import { collect } from "rgrid/testing/sandbox/helpers"
import { image, sandboxLayer } from "./fixture.ts"

const docker = new Docker()
const request: SlotRequest = { image, workdir: "/work", outside: [], limits: {}, network: "none" }

const speak = `import socket
try:
    socket.socket(socket.AF_UNIX).connect("/.rgrid-outlet")
    print("connected")
except OSError as error:
    print(type(error).__name__)
`

/** Only root may look at what another's process has open; an engine with another kernel has its own processes. */
const canLook = process.getuid?.() === 0 && (await docker.info().catch(() => null))?.KernelVersion === release()

it.layer(sandboxLayer("outlet"), { excludeTestServices: true })((it) => {
  it.effect.skipIf(!canLook)("is what a slot's init has for its stdout", () =>
    Effect.gen(function*() {
      const { id } = yield* Sandbox.use((sandbox) => sandbox.prepare(request))
      const { State } = yield* Effect.promise(() => docker.getContainer(`rgrid-${id}`).inspect())
      assert.match(yield* Effect.promise(() => readlink(`/proc/${State.Pid}/fd/1`)), /^socket:/)
    }), 60_000)

  it.effect("takes no script for the init", () =>
    Effect.gen(function*() {
      const slot = yield* openSlot(request)
      const run = yield* slot.run({ argv: python(speak), env: {}, deadline: Duration.minutes(1) })
      const { stdout } = yield* collect(run)
      assert.match(stdout.toString(), /^(PermissionError|ConnectionRefusedError|FileNotFoundError)\n$/)
    }), 60_000)
})
