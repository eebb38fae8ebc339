/** A user's program: it runs what it is told and says how that ended. */
import { batch, run } from "rgrid"
import { asked, endedOf, ofBatch } from "./asked.mjs"

const single = async ({ args, options, script }) => {
  const seen = { stdout: [], stderr: [] }
  const result = await run(script, args, {
    ...options,
    onStdout: (bytes) => seen.stdout.push(bytes),
    onStderr: (bytes) => seen.stderr.push(bytes)
  })
  const base64 = (chunks) => Buffer.concat(chunks).toString("base64")
  return { ...endedOf(result), stdout: base64(seen.stdout), stderr: base64(seen.stderr), metadata: result.metadata }
}

const many = async ({ args, options, script }) => {
  const running = batch(script, args, options)
  const items = {}
  for await (const one of running) items[one.item] = endedOf(one)
  const { ok } = await running.wait()
  return ofBatch(ok, items)
}

console.log(JSON.stringify(await (asked.options.over === undefined ? single : many)(asked)))
