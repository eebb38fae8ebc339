/** What a program may do with the library before it has nothing left to do: argv[2] says which. */
const python = { runtime: "python:3.11", outputDirectory: false }
const slow = "import time\nfor i in range(600): print(i, flush=True); time.sleep(0.1)"

const ignore = () => undefined

const scenarios = {
  run: async ({ run }) => console.log((await run({ code: "print('done')", ...python })).stdout.trim()),
  leftLoop: async ({ submit }) => {
    const handle = await submit({ code: slow, ...python })
    for await (const { bytes } of handle.logs()) {
      console.log(Buffer.from(bytes).toString().trim())
      break
    }
    await handle.cancel()
  },
  leftBatch: async ({ batch }) => {
    const run = batch({ code: "import sys, time; time.sleep(int(sys.argv[1]))", over: ["0", "600"], ...python })
    for await (const { item } of run) {
      console.log(item)
      break
    }
    await run.cancel()
  },
  leftWait: async ({ batch }) => {
    const run = batch({ code: slow, over: ["1"], ...python })
    const { id } = await run.submitted()
    const signal = AbortSignal.timeout(300)
    const error = await run.wait({ signal }).then(ignore, (error) => error)
    // Nothing is open then; what is canceled before would end what went on.
    process.once("beforeExit", async () => console.log(error === signal.reason, (await run.cancel()).id === id))
  },
  aborted: async ({ run }) => {
    const signal = AbortSignal.timeout(300)
    const error = await run({ code: slow, timeout: 1, signal, ...python }).then(ignore, (error) => error)
    console.log(error === signal.reason)
  },
  abortedLoop: async ({ logs, submit }) => {
    const handle = await submit({ code: slow, timeout: 1, ...python })
    const signal = AbortSignal.timeout(300)
    try {
      for await (const _ of logs(handle.id, { signal })) continue
    } catch (error) {
      console.log(error === signal.reason)
    }
    await handle.cancel()
  },
  forgotten: async ({ batch }) => {
    batch("missing.py", [], { over: "{1..3}" })
    batch({ code: slow, timeout: 1, over: "{1..3}", signal: AbortSignal.timeout(300), ...python })
    console.log("forgotten")
  },
  refused: async ({ run, RGridError }) => {
    const error = await run("missing.py").then(ignore, (error) => error)
    console.log(error instanceof RGridError, error.code)
  }
}

module.exports = (rgrid) => scenarios[process.argv[2]](rgrid)
