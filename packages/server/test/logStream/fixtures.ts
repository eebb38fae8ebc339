/** The log stream alone on a port, over logs in memory that count who waits for them. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import * as Socket from "effect/socket/Socket"
import { decodeToReader, encodeFromReader, streamPath, type ToReader } from "rgrid/api/LogStreamProtocol"
import { type ExecutionId, incarnation, runnerId } from "rgrid/domain/Id"
import { Sha256 } from "rgrid/domain/JobSpec"
import * as MemoryObjectStore from "rgrid/grid/MemoryObjectStore"
import { type Attempt, ExecutionStore } from "rgrid/ports/ExecutionStore"
import { LogStore } from "rgrid/ports/LogStore"
import { logStream } from "../../src/http/logStream.ts"
import { Hints } from "../../src/runners/Hints.ts"
import { Progress } from "../../src/runners/Progress.ts"
import { Grid, serve, stores } from "../runners/fixtures.ts"

const keyOf = ({ execution, fence }: Attempt): string => `${execution}/${fence}`

export class Logs extends Context.Service<Logs, {
  readonly bytes: Map<string, Uint8Array>
  readonly changed: PubSub.PubSub<string>
  /** Readers that wait for a log to grow. */
  waiting: number
}>()("test/Logs") {
  static readonly layer = Layer.effect(
    Logs,
    Effect.map(PubSub.unbounded<string>(), (changed) => ({ bytes: new Map(), changed, waiting: 0 }))
  )
}

const logStore = Layer.effect(
  LogStore,
  Effect.gen(function*() {
    const logs = yield* Logs
    const of = (attempt: Attempt) => logs.bytes.get(keyOf(attempt)) ?? new Uint8Array(0)
    const counted = Effect.acquireRelease(
      Effect.sync(() => void logs.waiting++),
      () => Effect.sync(() => void logs.waiting--)
    )
    const changes = (attempt: Attempt) =>
      Stream.fromPubSub(logs.changed).pipe(Stream.filter((key) => key === keyOf(attempt)), Stream.map(() => undefined))
    return {
      append: (attempt, offset, frames) => {
        logs.bytes.set(keyOf(attempt), Buffer.concat([of(attempt), frames]))
        return Effect.as(PubSub.publish(logs.changed, keyOf(attempt)), offset + frames.length)
      },
      length: (attempt) => Effect.sync(() => of(attempt).length),
      read: (attempt, offset, limit) => Effect.sync(() => of(attempt).subarray(offset, offset + limit)),
      changes: (attempt) =>
        Stream.unwrap(Effect.as(counted, Stream.concat(Stream.succeed(undefined), changes(attempt)))),
      seal: () => Effect.void,
      sealed: () => Effect.succeed(false),
      remove: () => Effect.void
    }
  })
)

export const server = serve(logStream).pipe(
  Layer.provideMerge([Hints.layer, Progress.layer, MemoryObjectStore.layer]),
  Layer.provideMerge(logStore),
  Layer.provideMerge(Logs.layer),
  Layer.provideMerge(stores)
)

const claimant = { runner: runnerId(1), incarnation: incarnation(1), sandbox: "process", price: { hourlyMicros: 0, slots: 1 } }

/** The oldest queued execution, claimed and started. */
export const begun = Effect.gen(function*() {
  const store = yield* ExecutionStore
  const [claim] = yield* Effect.orDie(store.claim(claimant, 1))
  if (claim === undefined) return yield* Effect.die("nothing is queued")
  yield* Effect.orDie(store.started(claim))
  return claim
})

export const settled = (attempt: Attempt, length: number) =>
  ExecutionStore.use((store) =>
    Effect.orDie(store.settle(attempt, {
      ending: { state: "completed", failure: null },
      exitCode: 0,
      usage: null,
      manifest: { outputs: [], deleted: [], skipped: [] },
      log: { stdoutBytes: length, stderrBytes: 0, length, sha256: Sha256.make("0".repeat(64)) }
    }))
  )

/** What a connection brought so far. It goes on being read until the scope ends or the server closes it. */
export class Reader {
  length = 0
  readonly parts: Array<Uint8Array> = []
  readonly said: Array<ToReader> = []
  closed = false
  readonly grant: (bytes: number) => Effect.Effect<void>

  constructor(grant: Reader["grant"]) {
    this.grant = grant
  }

  get tags(): ReadonlyArray<string> {
    return this.said.map((message) => message._tag === "Attempt" ? `Attempt ${message.attempt}` : "End")
  }
}

export const read = Effect.fnUntraced(function*(id: ExecutionId, attempt: number, offset: number) {
  const { keyOf, url } = yield* Grid
  const socket = yield* Socket.makeWebSocket(`${url}${streamPath(id)}?attempt=${attempt}&offset=${offset}`, {
    headers: { authorization: `Bearer ${yield* keyOf("user")}` }
  })
  const { pull } = yield* socket.reader
  const writer = yield* socket.writer
  const reader = new Reader((bytes) => Effect.orDie(writer.write(encodeFromReader({ _tag: "Credit", bytes }))))
  const take = Effect.gen(function*() {
    for (const message of yield* pull) {
      if (typeof message === "string") reader.said.push(yield* decodeToReader(message))
      else {
        reader.length += message.length
        reader.parts.push(message)
      }
    }
  })
  yield* Effect.forever(take).pipe(
    Effect.ignore,
    Effect.andThen(Effect.sync(() => (reader.closed = true))),
    Effect.forkScoped
  )
  return reader
})

/** Within eight seconds. */
export const until = (what: () => boolean) =>
  Effect.sleep("10 millis").pipe(Effect.repeat({ until: what }), Effect.timeout("8 seconds"), Effect.orDie)
