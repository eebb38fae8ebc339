/** Posts a job and sends what the grid lacks. */
import * as Effect from "effect/Effect"
import type { Accepted, MissingPart } from "../api/Executions.ts"
import type { Execution } from "../domain/Execution.ts"
import { forgetFile } from "./cache/addresses.ts"
import { type GridError, GridRefused, InputChanged, ServerUnreachable } from "./errors.ts"
import { absolute, GridClient } from "./GridClient.ts"
import { patiently, tries } from "./patience.ts"
import type { PartSource, Prepared } from "./prepare.ts"
import { sendPart } from "./sendPart.ts"

export interface SubmitOptions {
  /** The same key and job give the same execution, however often they are sent. Default: a new one each call. */
  readonly idempotencyKey?: string
}

/** Parts sent at a time. */
const parallel = 4

/** A part may go missing between two answers; one that never arrives is the grid's fault. */
const rounds = 3

const send = Effect.fnUntraced(function*(part: MissingPart, source: PartSource) {
  const grid = yield* GridClient
  if (source.size !== part.size) return yield* new InputChanged({ path: source.path })
  const status = yield* sendPart(new URL(absolute(grid, part.put.url)), part.put.headers, source)
  if (status < 300) return
  if (status >= 500) {
    return yield* new ServerUnreachable({
      url: grid.connection.url,
      detail: `an upload was answered with ${status}`,
      tries
    })
  }
  // The bytes were not those announced: the file changed between hashing and sending.
  if (status === 422) {
    yield* forgetFile(source.path)
    return yield* new InputChanged({ path: source.path })
  }
  return yield* new GridRefused({ detail: `an upload was answered with ${status}` })
})

const sendMissing = (prepared: Prepared, accepted: Accepted) =>
  Effect.forEach(accepted.missing, (part) => {
    const source = prepared.sources.get(part.sha256)
    if (source === undefined) return Effect.fail(new GridRefused({ detail: `it asks for ${part.sha256}, unknown here` }))
    return patiently(send(part, source), (error) => error._tag === "ServerUnreachable")
  }, { concurrency: parallel, discard: true })

/** Returns when the execution is queued. What was sent before a failure is not sent again by the next try. */
export const submit: (
  prepared: Prepared,
  options?: SubmitOptions
) => Effect.Effect<Execution, GridError | InputChanged, GridClient> = Effect.fn("client.submit")(
  function*(prepared: Prepared, options?: SubmitOptions) {
    const grid = yield* GridClient
    const headers = {
      "idempotency-key": options?.idempotencyKey ?? crypto.randomUUID(),
      ...(prepared.anew === true ? { "cache-control": "no-cache" } : {})
    }
    let accepted: Accepted = yield* grid.ask(grid.api.executions.submit({ headers, payload: prepared.spec }))
    const params = { id: accepted.execution.id }
    for (let round = 0; accepted.missing.length > 0; round++) {
      if (round === rounds) return yield* new GridRefused({ detail: "it keeps asking for files it was sent" })
      yield* sendMissing(prepared, accepted)
      accepted = yield* grid.ask(grid.api.executions.uploaded({ params }))
    }
    return accepted.execution
  }
)
