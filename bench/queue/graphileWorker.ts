/** graphile-worker: plain, and as its own guide says it is fastest: a local queue, completions in batches. */
import { Logger, makeWorkerUtils, run, runOnce, type Task } from "graphile-worker"
import { batched, each, many, single } from "./modes.ts"

/** Postgres has twenty, of which ours take ten: four to hand in, four to take, as ours. */
const connections = 4
const silent = new Logger(() => () => {})

const payload = { script: "a.py", runtime: "python:3.11" }

/** Until so many have run and been marked as done: stopping it writes what was gathered. */
const drained = async (connectionString: string, jobs: number) => {
  let [left, done] = [jobs, () => {}]
  const all = new Promise<void>((resolve) => (done = resolve))
  const noop: Task = () => {
    if (--left === 0) done()
  }
  const runner = await run({
    preset: {
      worker: {
        connectionString,
        maxPoolSize: connections,
        concurrentJobs: batched.atOnce * batched.workers,
        localQueue: { size: batched.ahead },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0
      }
    },
    logger: silent,
    noHandleSignals: true,
    taskList: { noop }
  })
  await all
  await runner.stop()
}

export const graphileWorker = async (connectionString: string) => {
  const utils = await makeWorkerUtils({ connectionString, maxPoolSize: connections, logger: silent })
  await utils.migrate()
  return {
    single: async () => {
      await each(single.jobs, single.clients, () => utils.addJob("noop", payload))
      const shared = { connectionString, maxPoolSize: connections, logger: silent, noHandleSignals: true }
      await runOnce({ ...shared, concurrency: single.slots, taskList: { noop: () => {} } })
    },
    batched: async () => {
      await utils.addJobs(many(batched.jobs).map((number) => ({ identifier: "noop", payload: { ...payload, number } })))
      await drained(connectionString, batched.jobs)
    },
    close: async () => void await utils.release()
  }
}
