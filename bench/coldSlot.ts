import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Sandbox, type SlotRequest } from "rgrid/ports/Sandbox"
import * as DockerSandbox from "../packages/runner/src/adapters/docker/DockerSandbox.ts"
import { hasDocker } from "../scripts/testing/docker.ts"
import type { Benchmark } from "./Benchmark.ts"
import { atMostTimes } from "./budget.ts"
import { image, noDocker } from "./grid.ts"
import { command, inTurn, type Row, timed } from "./measure.ts"

const once = Effect.gen(function*() {
  const sandbox = yield* Sandbox
  const request: SlotRequest = { image, tenant: "bench", workdir: "/work", outside: [], limits: {}, network: "open" }
  const slot = yield* sandbox.prepare(request)
  const session = yield* slot.open(request)
  const run = yield* session.run({ argv: ["python3", "-c", "print(1)"], env: {}, deadline: Duration.minutes(1) })
  yield* Stream.runDrain(run.output)
  yield* run.exit
}).pipe(Effect.scoped)

const measure = async (): Promise<ReadonlyArray<Row>> => {
  const stateDirectory = mkdtempSync(join(tmpdir(), "rgrid-bench-"))
  // Its network has this name: two measurements at a time must not share it.
  const settings = { runnerId: `bench-${process.pid}`, stateDirectory, allowPrivateNetworks: true }
  const both = Effect.gen(function*() {
    const context = yield* Effect.context<Sandbox>()
    const ours = () => timed(() => Effect.runPromise(once.pipe(Effect.provideContext(context))))
    const reference = command("docker", ["run", "--rm", image, "python3", "-c", "print(1)"], stateDirectory)
    return yield* Effect.promise(() => inTurn(ours, reference, 10))
  })
  try {
    const measured = await Effect.runPromise(both.pipe(Effect.provide(DockerSandbox.layer(settings))))
    return [{ name: "cold-slot", what: "a slot made, used and destroyed, against `docker run`", unit: "ms", ...measured }]
  } finally {
    rmSync(stateDirectory, { recursive: true, force: true })
  }
}

/** A slot made, used and destroyed, against `docker run --rm` with a network, of the same image and program. */
export const coldSlot: Benchmark = {
  name: "cold-slot",
  budget: atMostTimes(1.1)("at most 1.1 × `docker run`"),
  measure: async (leaveOut) => {
    if (hasDocker) return measure()
    leaveOut(noDocker)
    return []
  }
}
