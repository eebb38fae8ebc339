/** Posts a job and sends what the grid lacks. */
import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import type { Accepted } from "../api/Executions.ts"
import type { Execution } from "../domain/Execution.ts"
import { type GridError, GridRefused, type InputChanged } from "./errors.ts"
import { GridClient } from "./GridClient.ts"
import type { Prepared } from "./prepare.ts"
import { sendMissing, sendStored } from "./sendMissing.ts"

export interface SubmitOptions {
  /** The same key and job give the same execution, however often they are sent. Default: a new one each call. */
  readonly idempotencyKey?: string
}

/** Parts sent at a time. */
const parallel = 4

/** A part may go missing between two answers; one that never arrives is the grid's fault. */
const rounds = 3

/** Returns when the execution is queued. What was sent before a failure is not sent again by the next try. */
export const submit: (
  prepared: Prepared,
  options?: SubmitOptions
) => Effect.Effect<Execution, GridError | InputChanged, GridClient> = Effect.fn("client.submit")(
  function*(prepared: Prepared, options?: SubmitOptions) {
    const grid = yield* GridClient
    if (prepared.anew === true) yield* sendStored(prepared.sources, parallel)
    const headers = { "idempotency-key": options?.idempotencyKey ?? randomUUID() }
    let accepted: Accepted = yield* grid.ask(grid.api.executions.submit({ headers, payload: prepared.spec }))
    const params = { id: accepted.execution.id }
    for (let round = 0; accepted.missing.length > 0; round++) {
      if (round === rounds) return yield* new GridRefused({ detail: "it keeps asking for files it was sent" })
      yield* sendMissing(accepted.missing, prepared.sources, parallel)
      accepted = yield* grid.ask(grid.api.executions.uploaded({ params }))
    }
    return accepted.execution
  }
)
