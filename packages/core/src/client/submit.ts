/** Posts a job and sends what the grid lacks. */
import * as Effect from "effect/Effect"
import { mostAnew } from "../api/Caches.ts"
import type { Accepted, MissingPart } from "../api/Executions.ts"
import type { Execution } from "../domain/Execution.ts"
import type { Sha256 } from "../domain/JobSpec.ts"
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

/** By address, where the bytes of parts are here. */
export type Sources = ReadonlyMap<Sha256, PartSource>

const sendAll = (sources: Sources, wanted: ReadonlyArray<MissingPart>) =>
  Effect.forEach(wanted, (part) => {
    const source = sources.get(part.sha256)
    if (source === undefined) return Effect.fail(new GridRefused({ detail: `it asks for ${part.sha256}, unknown here` }))
    return patiently(send(part, source), (error) => error._tag === "ServerUnreachable")
  }, { concurrency: parallel, discard: true })

/** Sends once more what the grid has of these: for `--no-cache`, before the job that needs them. */
export const sendStored = Effect.fnUntraced(function*(sources: Sources) {
  const grid = yield* GridClient
  const parts = Array.from(sources, ([sha256, { size }]) => ({ sha256, size }))
  for (let from = 0; from < parts.length; from += mostAnew) {
    const payload = { parts: parts.slice(from, from + mostAnew) }
    const { stored } = yield* grid.ask(grid.api.caches.anew({ payload }))
    yield* sendAll(sources, stored)
  }
})

/** Returns when the execution is queued. What was sent before a failure is not sent again by the next try. */
export const submit: (
  prepared: Prepared,
  options?: SubmitOptions
) => Effect.Effect<Execution, GridError | InputChanged, GridClient> = Effect.fn("client.submit")(
  function*(prepared: Prepared, options?: SubmitOptions) {
    const grid = yield* GridClient
    if (prepared.anew === true) yield* sendStored(prepared.sources)
    const headers = { "idempotency-key": options?.idempotencyKey ?? crypto.randomUUID() }
    let accepted: Accepted = yield* grid.ask(grid.api.executions.submit({ headers, payload: prepared.spec }))
    const params = { id: accepted.execution.id }
    for (let round = 0; accepted.missing.length > 0; round++) {
      if (round === rounds) return yield* new GridRefused({ detail: "it keeps asking for files it was sent" })
      yield* sendAll(prepared.sources, accepted.missing)
      accepted = yield* grid.ask(grid.api.executions.uploaded({ params }))
    }
    return accepted.execution
  }
)
