/** Hints between servers: what NOTIFY carries, and the one connection that listens. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as PgConnection from "@effect/sql-pg/PgConnection"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import type * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { randomUUID } from "node:crypto"
import { BatchId, ExecutionId, RunnerId } from "rgrid/domain/Id"
import type { Hint } from "rgrid/ports/ExecutionStore"
import { gridRole, startupOptions } from "./Roles.ts"

const channel = "rgrid"

const Payload = Schema.fromJsonString(Schema.Struct({
  /** Who tells: it has heard already. */
  from: Schema.String,
  hints: Schema.Array(Schema.Union([
    Schema.TaggedStruct("Queued", {}),
    Schema.TaggedStruct("CancelRequested", { execution: ExecutionId, runner: Schema.NullOr(RunnerId) }),
    Schema.TaggedStruct("Changed", { execution: ExecutionId }),
    Schema.TaggedStruct("BatchChanged", { batch: BatchId })
  ]))
}))

/** This server's own ear: what it tells others it hears at once. */
export interface Ear {
  readonly id: string
  readonly heard: PubSub.PubSub<Hint>
}

/** Sliding: a reader that fell a thousand hints behind looks at the database anyway. */
export const ear: Effect.Effect<Ear> = Effect.map(PubSub.sliding<Hint>(1024), (heard) => ({ id: randomUUID(), heard }))

const decode = Schema.decodeUnknownOption(Payload)

/** NOTIFY takes 8,000 bytes; the longest hint is 115, the frame around them 60. */
const perPayload = 60

/** `Queued` names nobody, and a batch changes with each of its members: once is enough for any number. */
const payloads = (from: string, hints: ReadonlyArray<Hint>): ReadonlyArray<string> => {
  const batches = new Set(hints.flatMap((hint) => hint._tag === "BatchChanged" ? [hint.batch] : []))
  const all: ReadonlyArray<Hint> = [
    ...(hints.some(({ _tag }) => _tag === "Queued") ? [{ _tag: "Queued" } as const] : []),
    ...Array.from(batches, (batch) => ({ _tag: "BatchChanged", batch }) as const),
    ...hints.filter(({ _tag }) => _tag !== "Queued" && _tag !== "BatchChanged")
  ]
  return Array.from({ length: Math.ceil(all.length / perPayload) }, (_, i) =>
    JSON.stringify({ from, hints: all.slice(i * perPayload, (i + 1) * perPayload) }))
}

/**
 * What tells other servers, and this one, after a commit. A transaction that notifies holds a lock of the whole server
 * while it commits, so such commits wait for the disk one after the other: on a cold
 * database 934 accepts and 961 settlements a second, against 991 and 1,590. So one session notifies for all, as fast as it can and as much as has come together
 * meanwhile, and waits for no disk. A crash in between loses a hint, which readers expect.
 */
export const announcer = Effect.fnUntraced(function*(url: Redacted.Redacted, { heard, id }: Ear) {
  const waiting = yield* Queue.sliding<Hint>(10_000)
  const sql = yield* PgClient.make({
    url,
    startupOptions: `${startupOptions(gridRole)} -c synchronous_commit=off`,
    maxConnections: 1,
    applicationName: "rgrid_notify"
  })
  const announce = Effect.flatMap(Queue.takeAll(waiting), (hints) =>
    sql`select pg_notify(${channel}, p) from unnest(${payloads(id, hints)}::text[]) p`)
  // What can't be sent because the database is away is made up for by the `Queued` after each LISTEN.
  yield* Effect.forkScoped(Effect.forever(Effect.ignoreCause(announce)))
  return (hints: ReadonlyArray<Hint>): Effect.Effect<void> =>
    Effect.asVoid(Effect.andThen(PubSub.publishAll(heard, hints), Queue.offerAll(waiting, hints)))
})

/** How soon a lost connection is made again. The database is back 0.2 to 1.7 s after its death. */
const patience = Duration.millis(100)

/**
 * Listens for as long as the scope lives, through any number of lost connections. After each LISTEN comes a `Queued`
 * that nobody sent: what was notified in between is lost, so everybody looks once.
 */
export const listen = Effect.fnUntraced(function*(url: Redacted.Redacted, { heard, id }: Ear) {
  const session = Effect.gen(function*() {
    const connection = yield* PgConnection.make({
      url,
      startupOptions: startupOptions(gridRole),
      applicationName: "rgrid_listen",
      keepAlive: "10 seconds"
    })
    const notifications = yield* connection.listen(channel)
    yield* PubSub.publish(heard, { _tag: "Queued" })
    while (true) {
      const { payload } = yield* Queue.take(notifications)
      const told = Option.getOrUndefined(decode(payload))
      if (told !== undefined && told.from !== id) yield* PubSub.publishAll(heard, told.hints)
    }
  })
  yield* Effect.scoped(session).pipe(
    Effect.ignoreCause,
    Effect.repeat(Schedule.spaced(patience)),
    Effect.forkScoped
  )
  return Stream.fromPubSub(heard)
})
