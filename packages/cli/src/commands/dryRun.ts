import * as Effect from "effect/Effect"
import { plan, type RunRequest } from "rgrid/client/prepare"
import { planJson, planText } from "../output/plan.ts"
import * as stdio from "../output/stdio.ts"

/** What a run would send, and why. Nothing is sent, no grid is started, stdin is not read. */
export const dryRun = Effect.fnUntraced(function*(request: RunRequest, json: boolean) {
  const planned = yield* plan(request)
  yield* json ? stdio.json(planJson(planned, request)) : stdio.stdout(planText(planned, request))
})
