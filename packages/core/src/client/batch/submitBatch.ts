/** Posts a batch and sends what the grid lacks of it. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { randomUUID } from "node:crypto"
import type { AcceptedBatch } from "../../api/Batches.ts"
import type { MissingPart } from "../../api/Executions.ts"
import { type Batch, sharedParallel } from "../../domain/Batch.ts"
import { type GridError, GridRefused, type InputChanged } from "../errors.ts"
import { GridClient } from "../GridClient.ts"
import { sendMissing, sendStored } from "../sendMissing.ts"
import type { PreparedBatch } from "./prepareBatch.ts"

export interface SubmitBatchOptions {
  /** The same key and batch give the same one, however often they are sent. Default: a new one each call. */
  readonly idempotencyKey?: string
}

/** A durable batch, some of whose members may miss files that are only here. */
export interface Submitted {
  readonly batch: Batch
  readonly resumption?: AcceptedBatch["resumption"]
  /** Sends them; members start as theirs arrive. Cut off, the same call with the same key goes on from there. */
  readonly sending: Effect.Effect<void, GridError | InputChanged, GridClient>
}

/** Parts sent at a time. */
const parallel = 8

/** Lines sent at a time: more are no faster, and each alone is a packet. */
const linesAtATime = 256

/** So much is sent, or so long, before the grid is told that members may start. */
const stride = { parts: 250, bytes: 64 * 1024 * 1024 }
const tellEvery = "2 seconds"

/** A part may go missing between two answers; one that never arrives is the grid's fault. */
const rounds = 3

const body = ({ head: { options, ...head }, items }: PreparedBatch, isOwn: boolean): Stream.Stream<Uint8Array> =>
  Stream.concat(
    Stream.succeed<unknown>({ ...head, options: isOwn ? options : { parallel: sharedParallel, ...options } }),
    Stream.fromIterable<unknown>(items)
  ).pipe(
    Stream.map((line) => `${JSON.stringify(line)}\n`),
    Stream.grouped(linesAtATime),
    Stream.map((lines) => Buffer.from(lines.join("")))
  )

/** The first of them that are enough for one stride. */
const first = (missing: ReadonlyArray<MissingPart>): ReadonlyArray<MissingPart> => {
  let bytes = 0
  const end = missing.findIndex((part, index) => {
    if (index === stride.parts || bytes >= stride.bytes) return true
    bytes += part.size
    return false
  })
  return end < 0 ? missing : missing.slice(0, end)
}

const send = Effect.fnUntraced(function*(id: string, { sources }: PreparedBatch, missing: ReadonlyArray<MissingPart>) {
  const grid = yield* GridClient
  const uploaded = grid.ask(grid.api.batches.uploaded({ params: { id } }))
  // What could not be told now is told at the end.
  const meanwhile = Effect.forever(Effect.andThen(Effect.sleep(tellEvery), Effect.ignore(uploaded)))
  const sent = new Map<string, number>()
  for (let left = missing; left.length > 0;) {
    const next = first(left)
    for (const { sha256 } of next) {
      const times = sent.get(sha256) ?? 0
      if (times === rounds) return yield* new GridRefused({ detail: "it keeps asking for files it was sent" })
      sent.set(sha256, times + 1)
    }
    yield* Effect.raceFirst(sendMissing(next, sources, parallel), meanwhile)
    left = (yield* uploaded).missing
  }
})

/** Makes the batch durable, in one request whose body is written line by line. */
export const submitBatch: (
  prepared: PreparedBatch,
  options?: SubmitBatchOptions
) => Effect.Effect<Submitted, GridError | InputChanged, GridClient> = Effect.fn("client.submitBatch")(
  function*(prepared: PreparedBatch, { idempotencyKey = randomUUID() }: SubmitBatchOptions = {}) {
    const grid = yield* GridClient
    if (prepared.anew === true) yield* sendStored(prepared.sources, parallel)
    const { batch, missing, resumption } = yield* grid.ask(
      grid.api.batches.submit({ headers: { "idempotency-key": idempotencyKey }, payload: body(prepared, grid.connection.local) })
    )
    const sending = send(batch.id, prepared, missing)
    return { batch, sending, ...(resumption === undefined ? {} : { resumption }) }
  }
)
