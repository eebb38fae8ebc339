/** How far an execution is, in words. */
import type { Execution } from "rgrid/domain/Execution"
import { euros } from "rgrid/domain/Money"
import type { Estimate } from "rgrid/domain/ScriptProgress"
import { costSoFar, isPriced } from "./cost.ts"
import { elapsed } from "./execution.ts"
import { duration } from "./format.ts"

/** A tenth of a second that changes every second tells nobody anything. */
const seconds = (millis: number): string =>
  millis < 10_000 ? `${Math.floor(millis / 1000)}s` : duration(Math.floor(millis / 1000) * 1000)

/** `running · 12s · 45 % · ETA 15s · €0.02`; only what is known. */
export const progressLine = (execution: Execution, { leftMillis, percent, source }: Estimate, now: number): string => {
  const took = elapsed(execution, now)
  if (took === null) return "queued"
  const parts = [
    `running ${seconds(took)}`,
    ...(percent === null ? [] : [`${percent} %${source === "history" ? " of the usual time" : ""}`]),
    ...(leftMillis === null || leftMillis === 0 ? [] : [`ETA ${seconds(Math.max(1000, leftMillis))}`]),
    ...(isPriced(execution) ? [`Cost: ${euros(costSoFar(execution, now))}`] : [])
  ]
  return parts.join(" · ")
}
