/** A user's program written in Effect: it runs what it is told and says how that ended. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { batch, layerFromEnvironment, submit } from "rgrid/effect"
import { asked, endedOf, ofBatch } from "./asked.mjs"

const bytesOf = (chunks, stream) => Buffer.concat(chunks.filter((one) => one.stream === stream).map(({ bytes }) => bytes)).toString("base64")

const single = ({ args, options, script }) =>
  Effect.gen(function*() {
    const handle = yield* submit(script, args, options)
    const chunks = yield* Stream.runCollect(handle.logs())
    const result = yield* handle.wait
    return { ...endedOf(result), stdout: bytesOf(chunks, "stdout"), stderr: bytesOf(chunks, "stderr"), metadata: result.metadata }
  })

const many = ({ args, options, script }) =>
  Effect.gen(function*() {
    const running = yield* batch(script, args, options)
    const results = yield* Stream.runCollect(running.results)
    const { ok } = yield* running.wait
    return ofBatch(ok, Object.fromEntries(results.map((one) => [one.item, endedOf(one)])))
  }).pipe(Effect.scoped)

const program = (asked.options.over === undefined ? single : many)(asked)
console.log(JSON.stringify(await Effect.runPromise(Effect.provide(program, layerFromEnvironment))))
