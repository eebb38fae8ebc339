/** Waits for a running script's end, and brings it about when its time is over or its owner wants it. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { termination } from "rgrid/domain/Timing"
import type { SandboxError, SlotExit, SlotRun } from "rgrid/ports/Sandbox"
import type { Intervention } from "./ending.ts"

const terminate = 15
const kill = 9

export interface Supervised {
  readonly exit: SlotExit
  /** What we did to it before it ended. */
  readonly intervention: Intervention | null
}

export const supervise: (
  run: Pick<SlotRun, "exit" | "signal">,
  options: { readonly timeoutSeconds: number | undefined; readonly canceled: Effect.Effect<void> }
) => Effect.Effect<Supervised, SandboxError> = Effect.fnUntraced(function*(run, { canceled, timeoutSeconds }) {
  let intervention: Intervention | null = null
  const timeout = timeoutSeconds === undefined ? Effect.never : Effect.sleep(timeoutSeconds * 1000)
  const cause: Effect.Effect<Intervention> = Effect.raceFirst(
    Effect.as(timeout, "timeout" as const),
    Effect.as(canceled, "cancel" as const)
  )
  const intervene = Effect.gen(function*() {
    intervention = yield* cause
    yield* run.signal(terminate)
    yield* Effect.sleep(termination)
    yield* run.signal(kill)
  })
  const intervening = yield* Effect.forkChild(intervene)
  const exit = yield* run.exit
  yield* Fiber.interrupt(intervening)
  return { exit, intervention }
})
