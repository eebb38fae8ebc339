/** Every row of the budgets, in the order of the design. */
import type { Benchmark } from "./Benchmark.ts"
import { batchSlots, containers, processBatch } from "./batch.ts"
import { atLeastTimes } from "./budget.ts"
import { coldSlot } from "./coldSlot.ts"
import { firstLine } from "./firstLine.ts"
import { help } from "./help.ts"
import { idle } from "./idle.ts"
import { logLatency } from "./logLatency.ts"
import { logThroughput } from "./logThroughput.ts"
import { queue } from "./queue.ts"
import { queueProfile } from "./queueProfile.ts"
import { submit } from "./submit.ts"
import { transfer } from "./transfer.ts"
import { uploadDedup } from "./uploadDedup.ts"
import { wholeCommand } from "./wholeCommand.ts"

export const benchmarks: ReadonlyArray<Benchmark> = [
  firstLine,
  wholeCommand,
  coldSlot,
  containers,
  batchSlots,
  processBatch,
  { name: "queue", budget: atLeastTimes(1)("at least as many as the reference"), measure: queue, profile: queueProfile },
  submit,
  logLatency,
  logThroughput,
  transfer,
  uploadDedup,
  idle,
  help
]
