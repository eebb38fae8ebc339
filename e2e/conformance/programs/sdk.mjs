/** A user's program: it runs what it is told and says how that ended. */
import { batch, run } from "rgrid"

const scenario = JSON.parse(process.argv[2])

const optionsOf = ({ env, memoryMegabytes, metadata, network, runtime, secrets, stdin, timeout }) => ({
  ...(env && { env }),
  ...(memoryMegabytes && { memory: memoryMegabytes * 1024 ** 2 }),
  ...(metadata && { metadata }),
  ...(network && { network }),
  ...(runtime && { runtime }),
  ...(secrets && { secrets }),
  ...(stdin === undefined ? {} : { stdin }),
  ...(timeout && { timeout })
})

const endedOf = ({ exitCode, failure, status }) => ({ status, exitCode, failure: failure?._tag ?? null })

const single = async ({ args = [], script, ...rest }) => {
  const seen = { stdout: [], stderr: [] }
  const result = await run(script, args, {
    ...optionsOf(rest),
    onStdout: (bytes) => seen.stdout.push(bytes),
    onStderr: (bytes) => seen.stderr.push(bytes)
  })
  const base64 = (chunks) => Buffer.concat(chunks).toString("base64")
  return { ...endedOf(result), stdout: base64(seen.stdout), stderr: base64(seen.stderr), metadata: result.metadata }
}

const many = async ({ args = [], failOn, over, script, ...rest }) => {
  const running = batch(script, args, { ...optionsOf(rest), over, ...(failOn && { failOn }) })
  const items = {}
  for await (const one of running) items[one.item] = endedOf(one)
  const { ok } = await running.wait()
  return { status: ok ? "completed" : "failed", exitCode: null, failure: null, stdout: "", stderr: "", metadata: {}, items }
}

console.log(JSON.stringify(await (scenario.over === undefined ? single : many)(scenario)))
