/** What every store of logs must do, as tests. Each test has an attempt of its own. */
import { assert, describe, layer, type Vitest } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { executionId } from "../domain/Id.ts"
import { encode, headerBytes, maxPayloadBytes } from "../domain/LogFrame.ts"
import type { Attempt } from "../ports/ExecutionStore.ts"
import { LogStore } from "../ports/LogStore.ts"

export interface Options<E> {
  readonly layer: Layer.Layer<LogStore, E>
}

type It = Vitest.MethodsNonLive<LogStore>

/** Frames of `payload` bytes each, of both streams in turn; no two alike. */
const frames = (count: number, payload: number, firstSeq = 0): Uint8Array =>
  Buffer.concat(Array.from({ length: count }, (_, index) => {
    const seq = firstSeq + index
    const bytes = new Uint8Array(payload).fill(seq * 31 % 251)
    const stream = seq % 2 === 0 ? "stdout" : "stderr"
    const offset = Math.floor(seq / 2) * payload
    return encode({ stream, seq, time: 1_700_000_000_000_000 + seq, offset, bytes })
  }))

const anAttempt = (): Attempt => ({ execution: executionId(Date.now()), fence: 1 })

/** More than one piece of any store that keeps logs in pieces, and no multiple of one. */
const long = frames(270, maxPayloadBytes)

const same = (actual: Uint8Array, expected: Uint8Array, what: string): void =>
  assert.isTrue(Buffer.compare(actual, expected) === 0, what)

/** The log is these bytes, by its length and read at once. */
const holds = Effect.fnUntraced(function*(attempt: Attempt, log: Uint8Array) {
  const logs = yield* LogStore
  assert.strictEqual(yield* logs.length(attempt), log.length)
  same(yield* logs.read(attempt, 0, log.length + 100), log, "other bytes")
})

const begun = Effect.fnUntraced(function*(log: Uint8Array) {
  const logs = yield* LogStore
  const attempt = anAttempt()
  assert.strictEqual(yield* logs.append(attempt, 0, log), log.length)
  return { logs, attempt }
})

/** Refused because the log ends elsewhere, and told where; nothing is changed by it. */
const misplaced = Effect.fnUntraced(function*(attempt: Attempt, offset: number, bytes: Uint8Array, log: Uint8Array) {
  const error = yield* LogStore.use((logs) => Effect.flip(logs.append(attempt, offset, bytes)))
  assert.deepStrictEqual([error._tag, "length" in error && error.length], ["OffsetMismatch", log.length])
  yield* holds(attempt, log)
})

const malformed = Effect.fnUntraced(function*(attempt: Attempt, log: Uint8Array, bytes: Uint8Array, at: number) {
  const error = yield* LogStore.use((logs) => Effect.flip(logs.append(attempt, log.length, bytes)))
  assert.deepStrictEqual([error._tag, "at" in error && error.at], ["MalformedLog", at])
  yield* holds(attempt, log)
})

const appending = (it: It): void => {
  it.effect("has nothing of a log that has not begun", () => holds(anAttempt(), new Uint8Array(0)))

  it.effect("appends at the end and says where that is then", () =>
    Effect.gen(function*() {
      const log = frames(6, 100)
      const frame = headerBytes + 100
      const { attempt, logs } = yield* begun(log.subarray(0, frame))
      assert.strictEqual(yield* logs.append(attempt, frame, log.subarray(frame, 3 * frame)), 3 * frame)
      assert.strictEqual(yield* logs.append(attempt, 3 * frame, new Uint8Array(0)), 3 * frame)
      assert.strictEqual(yield* logs.append(attempt, 3 * frame, log.subarray(3 * frame)), log.length)
      yield* holds(attempt, log)
    }))

  it.effect("refuses what is not at the end, and says where that is", () =>
    Effect.gen(function*() {
      const log = frames(3, 100)
      const more = frames(1, 100, 3)
      const { attempt } = yield* begun(log)
      for (const offset of [0, 132, log.length - 1, log.length + 1, 10 * log.length]) {
        yield* misplaced(attempt, offset, more, log)
      }
      yield* misplaced(anAttempt(), 132, more, new Uint8Array(0))
    }))

  it.effect("refuses to write the same twice", () =>
    Effect.gen(function*() {
      const log = frames(3, 100)
      const { attempt } = yield* begun(log)
      yield* misplaced(attempt, 0, log, log)
    }))

  it.effect("takes only one of those who append at the same place", () =>
    Effect.gen(function*() {
      const logs = yield* LogStore
      const attempt = anAttempt()
      const writers = Array.from({ length: 8 }, (_, seq) => frames(1, 1000, seq))
      const appended = yield* Effect.forEach(writers, (bytes) => Effect.option(logs.append(attempt, 0, bytes)), {
        concurrency: "unbounded"
      })
      const winners = appended.flatMap((end, index) => (end._tag === "Some" ? [writers[index]!] : []))
      assert.strictEqual(winners.length, 1)
      yield* holds(attempt, winners[0]!)
    }))

  it.effect("keeps attempts apart", () =>
    Effect.gen(function*() {
      const logs = yield* LogStore
      const { attempt } = yield* begun(frames(1, 10))
      const retried = { ...attempt, fence: 2 }
      yield* holds(retried, new Uint8Array(0))
      yield* logs.append(retried, 0, frames(2, 20, 7))
      const other = anAttempt()
      yield* logs.append(other, 0, frames(3, 30, 9))
      yield* holds(attempt, frames(1, 10))
      yield* holds(retried, frames(2, 20, 7))
      yield* holds(other, frames(3, 30, 9))
    }))

  it.effect("is not changed by what becomes of the bytes it was given or gave", () =>
    Effect.gen(function*() {
      const log = frames(2, 100)
      // Not `slice`: a Buffer's shares its memory.
      const given = new Uint8Array(log)
      const { attempt, logs } = yield* begun(given)
      given.fill(0)
      const read = yield* logs.read(attempt, 0, log.length)
      read.fill(0)
      yield* holds(attempt, log)
    }))
}

const framing = (it: It): void => {
  const log = frames(2, 100)
  const frame = headerBytes + 100

  it.effect("takes the smallest frame and the largest", () =>
    Effect.gen(function*() {
      const both = Buffer.concat([frames(1, 1), frames(1, maxPayloadBytes, 1)])
      const { attempt } = yield* begun(both)
      yield* holds(attempt, both)
    }))

  for (const cut of [1, headerBytes - 1, headerBytes, headerBytes + 1, frame - 1]) {
    it.effect(`takes nothing when ${cut} bytes of a frame stand behind whole ones`, () =>
      Effect.gen(function*() {
        const { attempt } = yield* begun(log)
        const more = frames(3, 100, 2)
        yield* malformed(attempt, log, more.subarray(0, 2 * frame + cut), log.length + 2 * frame)
        yield* malformed(attempt, log, more.subarray(0, cut), log.length)
      }))
  }

  const broken: ReadonlyArray<readonly [what: string, breakIt: (header: DataView) => void]> = [
    ["a stream that is none", (header) => header.setUint8(0, 3)],
    ["no stream", (header) => header.setUint8(0, 0)],
    ["no bytes", (header) => header.setUint32(4, 0, true)],
    ["more bytes than a frame may have", (header) => header.setUint32(4, maxPayloadBytes + 1, true)]
  ]
  for (const [what, breakIt] of broken) {
    it.effect(`takes nothing when a frame says ${what}`, () =>
      Effect.gen(function*() {
        const { attempt } = yield* begun(log)
        // Room behind it, so that it is its word alone that is wrong.
        const more = new Uint8Array(frame + headerBytes + maxPayloadBytes + 1)
        more.set(frames(2, 100, 2))
        breakIt(new DataView(more.buffer, frame, headerBytes))
        yield* malformed(attempt, log, more, log.length + frame)
      }))
  }

  it.effect("takes nothing that is no log", () =>
    malformed(anAttempt(), new Uint8Array(0), new TextEncoder().encode("hello, world\n".repeat(10)), 0))
}

/** Around every border of `log`'s first 17 MiB, of which 8 MiB is what the files' store has in one file. */
const borders = [0, 1, 8 * 1024 * 1024 - 1, 8 * 1024 * 1024, 8 * 1024 * 1024 + 1, 16 * 1024 * 1024 - 3, long.length - 1]

const readsAnywhere = Effect.fnUntraced(function*(attempt: Attempt, log: Uint8Array) {
  const logs = yield* LogStore
  for (const at of borders) {
    for (const limit of [0, 1, 6, 70_000, log.length]) {
      same(yield* logs.read(attempt, at, limit), log.subarray(at, at + limit), `${limit} bytes from ${at}`)
    }
  }
  for (const at of [log.length, log.length + 1, 2 * log.length]) {
    assert.strictEqual((yield* logs.read(attempt, at, 100)).length, 0, `from ${at}`)
  }
})

const reading = (it: It): void => {
  it.effect("reads from anywhere, over the borders of what was appended, also inside of frames", () =>
    Effect.gen(function*() {
      const log = frames(10, 50)
      const frame = headerBytes + 50
      const { attempt, logs } = yield* begun(log.subarray(0, frame))
      for (let at = frame; at < log.length; at += 3 * frame) {
        yield* logs.append(attempt, at, log.subarray(at, at + 3 * frame))
      }
      for (let at = 0; at <= log.length; at += 7) {
        for (const limit of [0, 1, frame, 200, 10_000]) {
          same(yield* logs.read(attempt, at, limit), log.subarray(at, at + limit), `${limit} bytes from ${at}`)
        }
      }
    }))

  it.effect("reads a long log from anywhere, before it is sealed, meanwhile and after", () =>
    Effect.gen(function*() {
      const logs = yield* LogStore
      const attempt = anAttempt()
      const step = 45 * (headerBytes + maxPayloadBytes)
      for (let at = 0; at < long.length; at += step) {
        yield* logs.append(attempt, at, long.subarray(at, at + step))
      }
      yield* readsAnywhere(attempt, long)
      const all = [logs.seal(attempt), readsAnywhere(attempt, long), readsAnywhere(attempt, long)]
      yield* Effect.all(all, { concurrency: "unbounded" })
      yield* readsAnywhere(attempt, long)
      yield* holds(attempt, long)
    }), 30_000)

  it.effect("takes a long log in one go", () =>
    Effect.gen(function*() {
      const { attempt, logs } = yield* begun(long)
      yield* readsAnywhere(attempt, long)
      yield* logs.seal(attempt)
      yield* holds(attempt, long)
    }), 30_000)
}

/** What `changes` emitted, as it comes. */
const listening = Effect.fnUntraced(function*(attempt: Attempt) {
  const logs = yield* LogStore
  const heard = yield* Queue.unbounded<void>()
  yield* Effect.forkScoped(Stream.runForEach(logs.changes(attempt), () => Queue.offer(heard, undefined)))
  return heard
})

const hears = (heard: Queue.Queue<void>, what: string) =>
  Effect.timeoutOption(Queue.take(heard), "5 seconds").pipe(
    Effect.map((word) => assert.strictEqual(word._tag, "Some", what))
  )

/** For as long as a word that should not come is waited for. */
const hearsNothing = (heard: Queue.Queue<void>, what: string) =>
  Effect.timeoutOption(Queue.take(heard), "50 millis").pipe(
    Effect.map((word) => assert.strictEqual(word._tag, "None", what))
  )

const telling = (it: It): void => {
  it.effect("tells at once, after each append and after the seal, of this attempt", () =>
    Effect.gen(function*() {
      const logs = yield* LogStore
      const attempt = anAttempt()
      const heard = yield* listening(attempt)
      yield* hears(heard, "at once")
      let end = 0
      for (let seq = 0; seq < 5; seq++) {
        end = yield* logs.append(attempt, end, frames(1, 10, seq))
        yield* hears(heard, `append ${seq}`)
      }
      const other = { ...attempt, fence: 2 }
      yield* logs.append(other, 0, frames(1, 10))
      yield* logs.seal(other)
      yield* Effect.exit(logs.append(attempt, end + 1, frames(1, 10)))
      yield* hearsNothing(heard, "another's change, or none")
      yield* logs.seal(attempt)
      yield* hears(heard, "seal")
    }))

  it.effect("tells at once of a log that is sealed already", () =>
    Effect.gen(function*() {
      const { attempt, logs } = yield* begun(frames(1, 10))
      yield* logs.seal(attempt)
      yield* hears(yield* listening(attempt), "at once")
    }))

  it.effect("tells every listener", () =>
    Effect.gen(function*() {
      const logs = yield* LogStore
      const attempt = anAttempt()
      const listeners = yield* Effect.all(Array.from({ length: 5 }, () => listening(attempt)))
      for (const heard of listeners) yield* hears(heard, "at once")
      yield* logs.append(attempt, 0, frames(1, 10))
      for (const heard of listeners) yield* hears(heard, "append")
      yield* logs.seal(attempt)
      for (const heard of listeners) yield* hears(heard, "seal")
    }))

  it.effect("misses nothing for a slow listener: what it reads last is the whole log", () =>
    Effect.gen(function*() {
      const logs = yield* LogStore
      const attempt = anAttempt()
      const count = 100
      const log = frames(count, 10)
      const size = log.length / count
      const appendAll = Effect.gen(function*() {
        for (let at = 0; at < log.length; at += size) yield* logs.append(attempt, at, log.subarray(at, at + size))
      })
      const words: Array<number> = []
      const followed = logs.changes(attempt).pipe(
        // Slower than the writer: it looks at the log when it gets to it, and what came meanwhile must bring it back.
        Stream.mapEffect(() => Effect.andThen(Effect.sleep("5 millis"), logs.length(attempt))),
        Stream.tap((length) => Effect.sync(() => words.push(length))),
        Stream.takeUntil((length) => length === log.length),
        Stream.runDrain,
        Effect.timeout("10 seconds")
      )
      yield* Effect.all([followed, appendAll], { concurrency: "unbounded" })
      assert.strictEqual(words.at(-1), log.length)
      assert.isAtMost(words.length, count + 1)
    }), 20_000)
}

/** Sealed: the same log, for good. */
const closed = Effect.fnUntraced(function*(attempt: Attempt, log: Uint8Array) {
  assert.isTrue(yield* LogStore.use((logs) => logs.sealed(attempt)))
  yield* holds(attempt, log)
  yield* misplaced(attempt, log.length, frames(1, 10, 50), log)
  yield* misplaced(attempt, 0, frames(1, 10, 50), log)
})

const sealing = (it: It): void => {
  it.effect("takes nothing more once sealed, and seals once or often", () =>
    Effect.gen(function*() {
      const log = frames(3, 100)
      const { attempt, logs } = yield* begun(log)
      yield* logs.seal(attempt)
      yield* closed(attempt, log)
      yield* logs.seal(attempt)
      yield* Effect.all([logs.seal(attempt), logs.seal(attempt)], { concurrency: "unbounded" })
      yield* closed(attempt, log)
    }))

  it.effect("seals for many at once", () =>
    Effect.gen(function*() {
      const log = frames(3, 100)
      const { attempt, logs } = yield* begun(log)
      yield* Effect.all(Array.from({ length: 5 }, () => logs.seal(attempt)), { concurrency: "unbounded" })
      yield* closed(attempt, log)
    }))

  it.effect("seals a log that has not begun: empty it stays", () =>
    Effect.gen(function*() {
      const logs = yield* LogStore
      const attempt = anAttempt()
      yield* logs.seal(attempt)
      yield* closed(attempt, new Uint8Array(0))
      yield* logs.seal(attempt)
      yield* closed(attempt, new Uint8Array(0))
    }))

  it.effect("seals one attempt and leaves the next one open", () =>
    Effect.gen(function*() {
      const { attempt, logs } = yield* begun(frames(1, 10))
      yield* logs.seal(attempt)
      const retried = { ...attempt, fence: 2 }
      yield* logs.append(retried, 0, frames(2, 10))
      yield* holds(retried, frames(2, 10))
      assert.isFalse(yield* logs.sealed(retried))
    }))

  it.effect("has an append whole or not at all when it is sealed at the same time", () =>
    Effect.gen(function*() {
      const log = frames(3, 100)
      const { attempt, logs } = yield* begun(log)
      const more = frames(2, 100, 3)
      const append = Effect.option(logs.append(attempt, log.length, more))
      const [appended] = yield* Effect.all([append, logs.seal(attempt)], { concurrency: "unbounded" })
      yield* closed(attempt, appended._tag === "Some" ? Buffer.concat([log, more]) : log)
    }))
}

const removing = (it: It): void => {
  it.effect("forgets a log, sealed or not, once or often, and no other", () =>
    Effect.gen(function*() {
      const open = yield* begun(frames(2, 100))
      const sealed = yield* begun(frames(3, 100))
      const other = yield* begun(frames(4, 100))
      const { logs } = other
      yield* logs.seal(sealed.attempt)
      for (const { attempt } of [open, sealed]) {
        yield* logs.remove(attempt)
        yield* holds(attempt, new Uint8Array(0))
        yield* logs.remove(attempt)
        yield* holds(attempt, new Uint8Array(0))
      }
      yield* logs.remove(anAttempt())
      yield* holds(other.attempt, frames(4, 100))
      const retried = { ...other.attempt, fence: 2 }
      yield* logs.append(retried, 0, frames(1, 10))
      yield* logs.remove(other.attempt)
      yield* holds(retried, frames(1, 10))
    }))

  it.effect("forgets all of a long log and of an empty one", () =>
    Effect.gen(function*() {
      const { attempt, logs } = yield* begun(long)
      const empty = anAttempt()
      yield* logs.seal(attempt)
      yield* logs.seal(empty)
      for (const one of [attempt, empty]) {
        yield* logs.remove(one)
        yield* holds(one, new Uint8Array(0))
        // Nothing of the old one is left to be taken for what begins anew.
        yield* logs.append(one, 0, frames(1, 10))
        yield* holds(one, frames(1, 10))
      }
    }), 30_000)
}

export const suite = <E>(name: string, options: Options<E>): void => {
  describe(`LogStore: ${name}`, () => {
    // On the real clock: what does not come is waited for.
    layer(options.layer, { timeout: "60 seconds", excludeTestServices: true })((it) => {
      appending(it)
      framing(it)
      reading(it)
      telling(it)
      sealing(it)
      removing(it)
    })
  })
}
