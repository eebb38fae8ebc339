import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { unwrapStdout } from "../../src/adapters/docker/multiplex.ts"

const piece = (stream: number, text: string): Buffer => {
  const header = Buffer.alloc(8)
  header.writeUInt8(stream, 0)
  header.writeUInt32BE(text.length, 4)
  return Buffer.concat([header, Buffer.from(text, "latin1")])
}

const stream = Buffer.concat([
  piece(1, "one "),
  piece(2, "not this"),
  piece(1, ""),
  piece(1, "two ".repeat(50)),
  piece(1, "three")
])

it.effect.prop(
  "finds the bytes of stdout wherever the engine's stream is cut",
  { size: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 300 }))) },
  ({ size }) =>
    Effect.sync(() => {
      const unwrap = unwrapStdout()
      const pieces: Array<Uint8Array> = []
      for (let at = 0; at < stream.length; at += size) pieces.push(...unwrap(stream.subarray(at, at + size)))
      assert.strictEqual(Buffer.concat(pieces).toString(), `one ${"two ".repeat(50)}three`)
    })
)
