/** What executions in memory cost: as the Postgres store charges them, on the test's clock. */
import type { Cost } from "../../domain/Execution.ts"
import type { Life } from "../../domain/ExecutionState.ts"
import type { AccountId, ExecutionId } from "../../domain/Id.ts"
import { costOf, type WorkerPrice } from "../../domain/Money.ts"
import type { Charge, Spent, Stretch, Submission } from "../../ports/ExecutionStore.ts"

/** The time one execution spent in slots, charged attempt by attempt. Instants in milliseconds. */
export class Meter {
  microseconds = 0
  cost: Cost = { micros: 0, phase: "estimated", price: null }
  #since = 0

  begin(price: WorkerPrice, now: number): void {
    this.#since = now
    this.cost = { ...this.cost, price }
  }

  end(now: number): void {
    const used = Math.max(0, now - this.#since) * 1000
    this.microseconds += used
    if (this.cost.price !== null) {
      this.cost = { ...this.cost, micros: this.cost.micros + costOf(used, this.cost.price) }
    }
  }
}

interface Metered {
  readonly submission: Submission
  readonly life: Life
  readonly endedAt: number | null
  readonly meter: Meter
}

const endedIn = (entries: Iterable<Metered>, account: AccountId, { from, until }: Stretch): ReadonlyArray<Charge> =>
  Array.from(entries).flatMap(({ endedAt, life, meter, submission }) =>
    submission.account === account && endedAt !== null && endedAt >= from && endedAt < until
      ? [{
        execution: submission.id,
        script: submission.spec.script,
        state: life.state,
        endedAt,
        microseconds: meter.microseconds,
        micros: meter.cost.micros
      }]
      : []
  )

export const costs = (
  entries: ReadonlyArray<Metered>,
  account: AccountId,
  stretches: ReadonlyArray<Stretch>
): ReadonlyArray<Spent> =>
  stretches.map((stretch) => {
    const ended = endedIn(entries, account, stretch)
    return {
      executions: ended.length,
      microseconds: ended.reduce((sum, { microseconds }) => sum + microseconds, 0),
      micros: ended.reduce((sum, { micros }) => sum + micros, 0)
    }
  })

export const charges = (
  entries: Iterable<Metered>,
  account: AccountId,
  stretch: Stretch,
  { before, limit }: { readonly limit: number; readonly before?: ExecutionId }
): ReadonlyArray<Charge> =>
  endedIn(entries, account, stretch)
    .filter(({ execution }) => before === undefined || execution < before)
    .sort((a, b) => (a.execution < b.execution ? 1 : -1))
    .slice(0, limit)
