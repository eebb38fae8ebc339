/** What goes in and what comes out. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { collect, type Helpers, type Methods, printed, python } from "./helpers.ts"

export const streams = (it: Methods, { begin, execute }: Helpers) => {
  it.effect("gives an empty stdin unless there is one", () =>
    Effect.gen(function*() {
      assert.strictEqual(printed(yield* execute(["sh", "-c", "cat; echo end"])), "end\n")
    }))

  it.effect("delivers stdin byte for byte, far beyond any buffer", () =>
    Effect.gen(function*() {
      const piece = new Uint8Array(100_000).map((_, i) => i % 251)
      const stdin = Stream.fromIterable(Array.from({ length: 50 }, () => piece))
      const source = "import hashlib,sys;print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"
      const expected = yield* Effect.promise(async () => {
        const { createHash } = await import("node:crypto")
        const hash = createHash("sha256")
        for (let i = 0; i < 50; i++) hash.update(piece)
        return hash.digest("hex")
      })
      assert.strictEqual(printed(yield* execute(python(source), { stdin })).trim(), expected)
    }))

  it.effect("does not wait for stdin that the script never reads", () =>
    Effect.gen(function*() {
      const stdin = Stream.fromIterable(Array.from({ length: 100 }, () => new Uint8Array(100_000)))
      assert.strictEqual((yield* execute(["true"], { stdin })).exit.code, 0)
      assert.strictEqual((yield* execute(["sh", "-c", "exec <&-; sleep 0.2; exit 3"], { stdin })).exit.code, 3)
    }))

  it.effect("answers on stdout while stdin stays open", () =>
    Effect.gen(function*() {
      const stdin = Stream.concat(Stream.make(Buffer.from("hello\n")), Stream.never)
      const { run } = yield* begin(["sh", "-c", "read line; echo got $line"], { stdin })
      assert.strictEqual((yield* collect(run)).stdout.toString(), "got hello\n")
    }))

  it.effect("lets the script open its own streams by name", () =>
    Effect.gen(function*() {
      const source = "open('/dev/stdout','w').write('out'); open('/dev/stderr','w').write('err'); open('/dev/stdin')"
      const { stderr, stdout } = yield* execute(python(source))
      assert.strictEqual(stdout.toString(), "out")
      assert.strictEqual(stderr.toString(), "err")
    }))

  it.effect("keeps stdout and stderr apart, each byte once, zero bytes included", () =>
    Effect.gen(function*() {
      const source = "import os\nfor i in range(1000):\n os.write(1,bytes(range(256)));os.write(2,bytes([i%256,0,10]))"
      const { stderr, stdout } = yield* execute(python(source))
      assert.isTrue(stdout.equals(Buffer.from(Array.from({ length: 256_000 }, (_, i) => i % 256))))
      assert.isTrue(stderr.equals(Buffer.from(Array.from({ length: 1000 }, (_, i) => [i % 256, 0, 10]).flat())))
    }))

  it.effect("carries 50 MB to a slow reader without losing a byte", () =>
    Effect.gen(function*() {
      const source = "import os\nb=bytes(range(250))*2000\nfor _ in range(100): os.write(1,b)"
      const { run } = yield* begin(python(source))
      yield* Effect.sleep("300 millis")
      let total = 0
      yield* Stream.runForEach(run.output, ({ bytes }) =>
        Effect.sync(() => {
          for (let i = 0; i < bytes.length; i += 997) assert.strictEqual(bytes[i], (total + i) % 250)
          total += bytes.length
        }))
      assert.strictEqual(total, 50_000_000)
      assert.strictEqual((yield* run.exit).code, 0)
    }), 60_000)

  it.effect("pauses a script that nobody reads", () =>
    Effect.gen(function*() {
      const source = "import os\nn=0\nwhile n<100_000_000:\n n+=os.write(1,b'x'*65536)\n open('n','w').write(str(n))"
      const { run, slot } = yield* begin(python(source))
      const written = () => readFile(join(slot.workspace, "n"), "utf8").then(Number, () => 0)
      yield* Effect.sleep("1 second")
      const before = yield* Effect.promise(written)
      yield* Effect.sleep("500 millis")
      assert.strictEqual(yield* Effect.promise(written), before)
      assert.isBelow(before, 50_000_000)
      yield* run.signal(9)
      yield* Stream.runDrain(run.output)
      assert.strictEqual((yield* run.exit).signal, 9)
    }), 30_000)

  it.effect("gives the same exit to all who ask", () =>
    Effect.gen(function*() {
      const { run } = yield* begin(["true"])
      yield* Stream.runDrain(run.output)
      assert.strictEqual(yield* run.exit, yield* run.exit)
    }))
}
