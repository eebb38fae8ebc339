/** Only whole frames. */
import * as Effect from "effect/Effect"
import { headerBytes, maxPayloadBytes } from "../../domain/LogFrame.ts"
import { anAttempt, begun, frames, holds, type It, malformed } from "./fixtures.ts"

export const framing = (it: It): void => {
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
