/** The step: reads its inputs, runs, tells, and fails as its script does. */
import * as core from "@actions/core"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { chdir } from "node:process"
import { prepareBatch } from "rgrid/client/batch/prepareBatch"
import { Connection } from "rgrid/client/Connection"
import { ClientLive } from "rgrid/client/layers"
import { prepare } from "rgrid/client/prepare"
import { batchRequest, runBatch } from "./batch.ts"
import { WrongInput } from "./errors.ts"
import { connect } from "./grid.ts"
import { inGroup } from "./group.ts"
import { type Inputs, readInputs, wanted } from "./inputs.ts"
import { mask, maskInputs } from "./mask.ts"
import { type Asked, withProject } from "./project.ts"
import { requestOf, wordsOf } from "./request.ts"
import { runSingle } from "./single.ts"
import { tellError, tellOutcome } from "./tell.ts"

const onGrid = ClientLive.pipe(Layer.provide(Layer.effect(Connection, connect)))

const runAsked = Effect.fnUntraced(function*(asked: Asked) {
  const title = `rgrid run ${wordsOf(asked)}`
  if (asked.batch === null) {
    const prepared = yield* prepare(requestOf(asked))
    return yield* Effect.provide(inGroup(title, (log) => runSingle(prepared, asked, log)), onGrid)
  }
  const prepared = yield* prepareBatch(batchRequest(asked, asked.batch))
  return yield* Effect.provide(inGroup(title, (log) => runBatch(prepared, asked, log)), onGrid)
})

const enter = (directory: string) =>
  Effect.try({
    try: () => chdir(directory),
    catch: () => new WrongInput({ what: `working-directory: There is no directory ${directory}.`, fix: "Check its name." })
  })

const run = Effect.fnUntraced(function*(inputs: Inputs) {
  yield* enter(inputs.cwd)
  const asked = yield* withProject(inputs)
  for (const secret of Object.values(asked.secrets)) mask(secret)
  return yield* runAsked(asked)
})

const step = Effect.gen(function*() {
  maskInputs()
  const inputs = yield* readInputs().pipe(Effect.tapError((error) => tellError(error, wanted())), Effect.option)
  if (Option.isNone(inputs)) return
  for (const secret of Object.values(inputs.value.secrets)) mask(secret)
  yield* run(inputs.value).pipe(
    Effect.matchEffect({
      onFailure: (error) => tellError(error, inputs.value),
      onSuccess: (outcome) => tellOutcome(outcome, inputs.value)
    })
  )
})

export const main = async (): Promise<void> => {
  const canceling = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => canceling.abort())
  const exit = await Effect.runPromiseExit(Effect.scoped(step), { signal: canceling.signal })
  if (canceling.signal.aborted) process.exitCode = 130
  else if (Exit.isFailure(exit)) core.setFailed(`RGrid itself failed: ${String(Cause.squash(exit.cause))}. Please report it.`)
}
