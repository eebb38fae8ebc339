/** One line about an item: while it runs, and when it has ended. */
import type { Execution } from "rgrid/domain/Execution"
import type { Failure } from "rgrid/domain/Failure"
import { euros } from "rgrid/domain/Money"
import { costSoFar, isPriced } from "../cost.ts"
import { elapsed } from "../execution.ts"
import { isItsOwn, ofFailure } from "../failures.ts"
import { duration, plain } from "../format.ts"
import { bar, cutFront, firstFitting, type Line, padded, width } from "./line.ts"
import { whole } from "./progress.ts"

/** An item that has ended. */
export interface EndedItem {
  readonly execution: Execution
  /** Where its outputs are here; null where nothing of it was brought. */
  readonly where: string | null
}

export const labelOf = ({ args, batch, script }: Execution): string => plain(batch?.label ?? [script, ...args].join(" "))

/** A sentence within a line needs no full stop. */
const phrase = (text: string): string => (text.split("\n", 1)[0] ?? "").replace(/\.$/, "")

const reasonOf = (failure: Failure): string => {
  if (failure._tag === "TimedOut") return `timeout after ${duration(failure.seconds * 1000)}`
  if (failure._tag === "Canceled") return "canceled"
  const { what, why } = ofFailure(failure)
  return phrase(isItsOwn(failure) && why !== "" ? why : what)
}

/** `12s, €0.01`. */
const spent = (execution: Execution, now: number): string => {
  const millis = elapsed(execution, now)
  const cost = isPriced(execution) ? [euros(costSoFar(execution, now))] : []
  return [...(millis === null ? [] : [duration(millis)]), ...cost].join(", ")
}

const completedLine = ({ execution, where }: EndedItem, now: number, columns: number): Line => {
  const label = labelOf(execution)
  const words = spent(execution, now)
  const tail = words === "" ? "" : ` (${words})`
  const room = columns - width(tail) - 2
  return firstFitting<Line>([
    [["✓", "green"], ` ${label}${where === null ? "" : ` → ${plain(where)}`}`, [tail, "dim"]],
    [["✓", "green"], ` ${cutFront(label, Math.max(8, room))}`, [tail, "dim"]],
    [["✓", "green"], ` ${cutFront(label, columns - 2)}`]
  ], columns)
}

const failedLine = ({ execution }: EndedItem, columns: number): Line => {
  const { failure } = execution
  // The reason matters as much as the name: neither takes the other's half.
  const reason = failure === null ? "failed" : reasonOf(failure)
  const most = Math.max(Math.floor(columns / 2), columns - width(reason) - 4)
  const isLeft = execution.state === "canceled"
  return [isLeft ? ["-", "yellow"] : ["✗", "red"], ` ${cutFront(labelOf(execution), most)}: ${reason}`]
}

/** `✓ data_042.csv → outputs/data_042/ (12s, €0.01)`, `✗ data_044.csv: timeout after 5m`. */
export const endedLine = (item: EndedItem, now: number, columns: number): Line =>
  item.execution.state === "completed" ? completedLine(item, now, columns) : failedLine(item, columns)

export interface ActiveOptions {
  readonly now: number
  readonly columns: number
  /** How long items take; null while nobody knows. */
  readonly usual: number | null
  /** As wide as the labels beside which it stands. */
  readonly labels: number
}

const barColumns = 16

/** `  data_046.csv  [=====>     ] 12s`; the bar fills up to the usual time and waits there. */
export const activeLine = (execution: Execution, { columns, labels, now, usual }: ActiveOptions): Line => {
  const millis = elapsed(execution, now)
  const took = millis === null ? "starting" : whole(millis)
  const label = padded(cutFront(labelOf(execution), labels), labels)
  const short: Line = ["  ", label, "  ", [took, "dim"]]
  if (millis === null || usual === null || usual <= 0) return short
  const fraction = Math.min(0.99, millis / usual)
  return firstFitting<Line>([["  ", label, "  ", [bar(fraction, barColumns), "cyan"], " ", [took, "dim"]], short], columns)
}

/** What the labels may take, so that a bar has its place where there is one. */
export const labelColumns = (active: ReadonlyArray<Execution>, columns: number): number => {
  const widest = Math.max(0, ...active.map((one) => width(labelOf(one))))
  const beside = columns >= 40 ? barColumns + 14 : 12
  return Math.min(widest, Math.max(4, columns - beside))
}
