/** pg-boss, asked directly, without its polling in between: one by one, and a hundred at a time. */
import { PgBoss } from "pg-boss"
import { batched, each, many, single } from "./modes.ts"

const queue = "noop"
const payload = { script: "a.py", runtime: "python:3.11" }

export const pgBoss = async (connectionString: string) => {
  const boss = new PgBoss({ connectionString, max: 6, supervise: false, schedule: false })
  boss.on("error", (error) => process.stderr.write(`pg-boss: ${error.message}\n`))
  await boss.start()
  await boss.createQueue(queue)
  /** Takes and completes so many at a time until nothing is left. */
  const drain = async (batchSize: number) => {
    while (true) {
      const jobs = await boss.fetch(queue, { batchSize })
      if (jobs.length === 0) return
      await boss.complete(queue, jobs.map(({ id }) => id))
    }
  }
  return {
    single: async () => {
      await each(single.jobs, single.clients, () => boss.send(queue, payload))
      await Promise.all(many(single.slots).map(() => drain(1)))
    },
    batched: async () => {
      await boss.insert(queue, many(batched.jobs).map((number) => ({ data: { ...payload, number } })))
      await Promise.all(many(batched.workers).map(() => drain(batched.atOnce)))
    },
    close: () => boss.stop({ graceful: false })
  }
}
