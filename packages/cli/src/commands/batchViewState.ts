/** What a live view of a batch knows, and how that looks now. */
import { type Batch, tally } from "rgrid/domain/Batch"
import type { Execution } from "rgrid/domain/Execution"
import { cancelLines, keyLines } from "../output/batch/footer.ts"
import type { EndedItem } from "../output/batch/items.ts"
import { items, type Mode } from "../output/batch/keys.ts"
import type { Paint } from "../output/batch/line.ts"
import { choosingScreen, logScreen } from "../output/batch/logScreens.ts"
import type { LogTail } from "../output/batch/logTail.ts"
import { PaceKeeper } from "../output/batch/pace.ts"
import { batchLine, type BatchModel, batchScreen } from "../output/batchScreen.ts"

export interface Look {
  readonly now: number
  readonly columns: number
  readonly rows: number
  readonly paint: Paint
}

const mostRecent = 50
const mostFailed = 200

const endedOf = ({ counts }: Batch): number => {
  const { canceled, completed, failed } = tally(counts)
  return completed + failed + canceled
}

const position = ({ batch }: Execution): number => batch?.position ?? 0

export class BatchViewState {
  readonly startedHere: boolean
  readonly #pace = new PaceKeeper()
  batch: Batch
  active: ReadonlyArray<Execution> = []
  mode: Mode = items
  notice: string | null = null
  /** An item that has not ended for a while, when no other has; and the one that was asked for what it waits for. */
  first: string | null = null
  asked: string | null = null
  /** What keeps every item from beginning; null when nothing does, or nobody knows. */
  preparing: string | null = null
  /** Nobody can type, or nobody may any more. */
  hasKeys = false
  log: { readonly execution: Execution; readonly tail: LogTail; isOver: boolean } | null = null
  #recent: Array<EndedItem> = []
  #failed: Array<EndedItem> = []

  constructor(batch: Batch, startedHere: boolean) {
    this.batch = batch
    this.startedHere = startedHere
    this.#pace.seen(batch)
  }

  /** News may overtake each other: what has ended does not go on. A retry in place would be another batch. */
  changed(batch: Batch): void {
    if (endedOf(batch) < endedOf(this.batch)) return
    // The screen says it now.
    if (batch.halted !== this.batch.halted) this.notice = null
    this.batch = batch
    this.#pace.seen(batch)
  }

  ended(execution: Execution, where: string | null): void {
    const item = { execution, where }
    this.#pace.ended(execution)
    // Of a canceled batch they would hide all that it did.
    if (execution.state !== "canceled") this.#recent = [...this.#recent, item].slice(-mostRecent)
    if (execution.state !== "completed") this.#failed = [...this.#failed, item].slice(-mostFailed)
    this.active = this.active.filter(({ id }) => id !== execution.id)
  }

  /** What runs, as it was asked for a moment ago: some of it may have ended since. */
  runs(active: ReadonlyArray<Execution>): void {
    const over = new Set(this.#known().map(({ execution }) => execution.id))
    const [before] = this.active
    this.active = active.filter(({ id }) => !over.has(id)).toSorted((a, b) => position(a) - position(b))
    const [first] = this.active
    this.first = endedOf(this.batch) === 0 && first?.id === before?.id ? first?.id ?? null : null
  }

  #known(): ReadonlyArray<EndedItem> {
    const recent = new Set(this.#recent)
    return [...this.#failed.filter((item) => !recent.has(item)), ...this.#recent]
  }

  /** The item of that number, or whose id begins so; null for none, or for none that is known here. */
  find(typed: string): Execution | null {
    const all = [...this.active, ...this.#known().map(({ execution }) => execution)]
    const start = typed.toLowerCase().replace(/^exec_/, "")
    const byNumber = all.find((one) => String(position(one)) === typed.replace(/^0+(?=\d)/, ""))
    // Few letters of an id are the same for all: they begin with the time.
    return byNumber ?? (start.length < 10 ? null : all.find(({ id }) => id.startsWith(`exec_${start}`)) ?? null)
  }

  get open(): number {
    return this.batch.total - endedOf(this.batch)
  }

  get failed(): number {
    return tally(this.batch.counts).failed
  }

  /** The latest of an execution that was looked at earlier. */
  #latest(execution: Execution): Execution {
    return this.find(execution.id) ?? execution
  }

  #footer() {
    if (!this.hasKeys) return []
    if (this.mode._tag === "Asking") return cancelLines(this.open)
    return keyLines({ canRetry: this.failed > 0, canCancel: this.open > 0 })
  }

  #model({ columns, now, rows }: Look): BatchModel {
    const { active, batch, notice, preparing, startedHere } = this
    const { eta, usual } = this.#pace.at(batch, active, now)
    const shared = { active, batch, notice, preparing, startedHere, now, columns, rows }
    return { ...shared, recent: this.#recent, eta, usual, footer: this.#footer() }
  }

  screen(look: Look): ReadonlyArray<string> {
    if (this.mode._tag === "Choosing") {
      const { active, mode: { typed }, notice } = this
      return choosingScreen({ ...look, active, ended: this.#known(), typed, notice }, look.paint)
    }
    if (this.mode._tag === "Log" && this.log !== null) {
      const { execution, isOver, tail } = this.log
      return logScreen({ ...look, execution: this.#latest(execution), lines: tail.last(look.rows), isOver }, look.paint)
    }
    return batchScreen(this.#model(look), look.paint)
  }

  line(look: Look): ReadonlyArray<string> {
    return [batchLine(this.#model(look))]
  }
}
