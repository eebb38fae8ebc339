import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { mkdtemp } from "node:fs/promises"
import * as LogShipper from "../src/attempt/LogShipper.ts"
const size = Number(process.argv[2]), total = 400e6
const main = Effect.gen(function*() {
  const dir = yield* Effect.promise(() => mkdtemp("/tmp/rgrid-bench-"))
  const posts: number[] = []
  const shipper = yield* LogShipper.make({ client: { append: (o, f) => Effect.as(Effect.sleep("2 millis"), (posts.push(f.length), o + f.length)) }, spool: dir + "/s", secrets: process.argv[3] ? { A: "correct horse battery" } : {} })
  const b = Buffer.alloc(size, "lorem ipsum ")
  const t0 = performance.now()
  let rss = 0
  const out = Stream.range(1, Math.floor(total / size)).pipe(Stream.rechunk(1), Stream.map(() => { rss = Math.max(rss, process.memoryUsage.rss()); return ({ stream: "stdout" as const, bytes: b }) }))
  yield* Effect.all([shipper.ship, shipper.consume(out)], { concurrency: 2 })
  const s = yield* shipper.summary
  const t = performance.now() - t0
  console.log(size, "B chunks:", (total / 1e3 / t).toFixed(0), "MB/s", posts.length, "posts", (s.length / posts.length / 1e3).toFixed(0), "KB each; rss", (rss / 1e6).toFixed(0))
}).pipe(Effect.scoped)
await Effect.runPromise(main)
