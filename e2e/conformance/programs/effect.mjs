/** A user's program written in Effect: it runs what it is told and says how that ended. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { batch, layerFromEnvironment, submit } from "rgrid/effect"

const scenario = JSON.parse(process.argv[2])

const settingsOf = ({ env, failOn, memoryMegabytes, metadata, network, over, runtime, secrets, stdin, timeout }) => ({
  ...(env && { env }),
  ...(failOn && { failOn }),
  ...(memoryMegabytes && { memory: memoryMegabytes * 1024 ** 2 }),
  ...(metadata && { metadata }),
  ...(network && { network }),
  ...(over && { over }),
  ...(runtime && { runtime }),
  ...(secrets && { secrets }),
  ...(stdin === undefined ? {} : { stdin }),
  ...(timeout && { timeout })
})

const endedOf = ({ exitCode, failure, status }) => ({ status, exitCode, failure: failure?._tag ?? null })

const bytesOf = (chunks, stream) => Buffer.concat(chunks.filter((one) => one.stream === stream).map(({ bytes }) => bytes)).toString("base64")

const single = ({ args = [], script, ...rest }) =>
  Effect.gen(function*() {
    const handle = yield* submit(script, args, settingsOf(rest))
    const chunks = yield* Stream.runCollect(handle.logs())
    const result = yield* handle.wait
    return { ...endedOf(result), stdout: bytesOf(chunks, "stdout"), stderr: bytesOf(chunks, "stderr"), metadata: result.metadata }
  })

const many = ({ args = [], script, ...rest }) =>
  Effect.gen(function*() {
    const running = yield* batch(script, args, settingsOf(rest))
    const results = yield* Stream.runCollect(running.results)
    const { ok } = yield* running.wait
    const items = Object.fromEntries(results.map((one) => [one.item, endedOf(one)]))
    return { status: ok ? "completed" : "failed", exitCode: null, failure: null, stdout: "", stderr: "", metadata: {}, items }
  }).pipe(Effect.scoped)

const program = (scenario.over === undefined ? single : many)(scenario)
console.log(JSON.stringify(await Effect.runPromise(Effect.provide(program, layerFromEnvironment))))
