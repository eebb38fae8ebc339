/** The workers of a grid, in words. */
import type { Worker } from "rgrid/api/Account"
import { ago, count, plain } from "./format.ts"
import { table } from "./table.ts"

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)

const percent = (busy: number, slots: number): string => slots === 0 ? "-" : `${Math.round((busy / slots) * 100)}%`

const overall = (workers: ReadonlyArray<Worker>): string => {
  const slots = sum(workers.map((worker) => worker.slots))
  const busy = sum(workers.map((worker) => worker.busy))
  return `${count(workers.length, "worker")}, ${busy} of ${count(slots, "slot")} busy (${percent(busy, slots)})`
}

/** The controls that a worker can't enforce, by their reason: often one stands behind them all. */
const missing = ({ controls, name }: Worker): ReadonlyArray<string> => {
  const reasons = Map.groupBy(controls.filter(({ enforced }) => !enforced), ({ detail }) => detail)
  return [...reasons].map(([reason, without]) =>
    `Not enforced on ${plain(name)}: ${without.map((control) => plain(control.name)).join(", ")}` +
    (reason === "" ? "" : `\n  ${plain(reason)}`)
  )
}

const columns = (worker: Worker, withRegion: boolean, now: number): ReadonlyArray<string> => [
  plain(worker.name),
  ...(withRegion ? [plain(worker.region ?? "-")] : []),
  plain(worker.sandbox),
  `${worker.busy}/${worker.slots}`,
  percent(worker.busy, worker.slots),
  plain(worker.version),
  ago(worker.connectedAt, now)
]

export const summary = (workers: ReadonlyArray<Worker>, now: number): string => {
  const withRegion = workers.some(({ region }) => region !== undefined)
  const head = ["NAME", ...(withRegion ? ["REGION"] : []), "SANDBOX", "BUSY", "UTILISATION", "VERSION", "CONNECTED"]
  const lines = [overall(workers), ...workers.flatMap(missing)]
  return `${table(head, workers.map((worker) => columns(worker, withRegion, now)))}${lines.join("\n")}\n`
}
