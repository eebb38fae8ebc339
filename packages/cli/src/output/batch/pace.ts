/** What a batch's ended items tell about the rest. Only the newest are kept. */
import * as DateTime from "effect/DateTime"
import { type Batch, tally } from "rgrid/domain/Batch"
import { type Eta, eta } from "rgrid/domain/Eta"
import type { Execution } from "rgrid/domain/Execution"
import { median } from "rgrid/domain/Why"
import { elapsed } from "../execution.ts"

const kept = 200
/** Ends before the time between them tells anything. */
const fewestEnds = 10
/** As often as this the number of running items was seen; for a moment some places are always empty. */
const looks = 20
/** Playing the rest of a batch takes some milliseconds. */
const freshMillis = 1000

export class PaceKeeper {
  readonly #took: Array<number> = []
  readonly #ends: Array<number> = []
  readonly #running: Array<number> = []
  #known: { readonly at: number; readonly eta: Eta | null; readonly usual: number | null } | null = null

  ended(execution: Execution): void {
    const millis = elapsed(execution, 0)
    if (millis === null || execution.endedAt === null || execution.state === "canceled") return
    this.#took.push(Math.max(0, millis))
    this.#ends.push(DateTime.toEpochMillis(execution.endedAt))
    for (const list of [this.#took, this.#ends]) if (list.length > kept) list.shift()
  }

  /** The batch as it is now. */
  seen(batch: Batch): void {
    this.#running.push(tally(batch.counts).running)
    if (this.#running.length > looks) this.#running.shift()
  }

  #between(): number | null {
    const { length } = this.#ends
    if (length < fewestEnds) return null
    return (Math.max(...this.#ends) - Math.min(...this.#ends)) / (length - 1)
  }

  /** The same for a second: a time that changes with every item can't be read. */
  at(batch: Batch, active: ReadonlyArray<Execution>, now: number): { readonly eta: Eta | null; readonly usual: number | null } {
    const known = this.#known
    if (known !== null && known.eta !== null && now - known.at < freshMillis) return known
    const { running, waiting } = tally(batch.counts)
    const pace = {
      took: this.#took,
      running: active.flatMap((one) => elapsed(one, now) ?? []).map((millis) => Math.max(0, millis)),
      waiting: batch.halted === null ? waiting : 0,
      places: Math.max(running, ...this.#running),
      between: this.#between()
    }
    const isKnown = running > 0 || waiting > 0
    this.#known = { at: now, eta: isKnown ? eta(pace) : null, usual: this.#took.length < 3 ? null : median(this.#took) }
    return this.#known
  }
}
