/** One batch in memory: who runs, when it halts, how far it is. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { type BatchOptions, hasFailed, noCounts, sharedParallel } from "../../domain/Batch.ts"
import type { Failure } from "../../domain/Failure.ts"
import { haltedBy } from "../../domain/halting.ts"
import type { BatchInfo } from "../batchResults.ts"
import type { Wanted } from "../job.ts"
import type { BatchSettings } from "../service/Grid.ts"
import { type Executions, infoOf, type MemoryExecution } from "./Executions.ts"
import { endOf } from "./Script.ts"

interface Made {
  readonly id: string
  readonly members: ReadonlyArray<MemoryExecution>
  readonly kept: BatchOptions
  readonly executions: Executions
  readonly wanted: Wanted<BatchSettings>
  readonly skipped: number
  readonly createdAt: Date
}

const untaken = (halted: NonNullable<BatchInfo["halted"]>): Failure =>
  halted === "canceled" ? { _tag: "Canceled" } : { _tag: "Halted", by: halted }

export class MemoryBatch {
  readonly made: Made
  halted: BatchInfo["halted"] = null

  constructor(made: Made) {
    this.made = made
  }

  /** Beside whoever asked for it. */
  get start(): Effect.Effect<void> {
    const { executions, kept, members } = this.made
    const all = Effect.forEach(members, (one) => this.#run(one), { concurrency: kept.parallel ?? sharedParallel, discard: true })
    return Effect.asVoid(executions.beside(all))
  }

  get cancel(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.halted ??= "canceled"
      return Effect.forEach(this.made.members, (one) => this.made.executions.cancel(one), { discard: true })
    })
  }

  get tally() {
    const infos = this.made.members.map(infoOf)
    const count = (...statuses: ReadonlyArray<string>) => infos.filter(({ status }) => statuses.includes(status)).length
    return {
      waiting: count("queued"),
      running: count("running"),
      completed: count("completed"),
      failed: count("failed", "timed out"),
      canceled: count("canceled")
    }
  }

  get info(): BatchInfo {
    const { createdAt, id, members, skipped, wanted } = this.made
    const ends = members.flatMap(({ end }) => end === null ? [] : [end])
    const last = ends.length < members.length ? null : ends.reduce((at, end) => Math.max(at, end.at.getTime()), createdAt.getTime())
    return {
      id,
      retryOf: null,
      status: last === null ? "running" : "ended",
      script: wanted.script ?? wanted.inline?.name ?? "main",
      args: wanted.args,
      runtime: wanted.options.runtime ?? "memory",
      metadata: wanted.options.metadata ?? {},
      total: members.length,
      ...this.tally,
      skipped,
      halted: this.halted,
      cost: { micros: ends.reduce((sum, { cost }) => sum + cost, 0), phase: "estimated" },
      createdAt,
      endedAt: last === null ? null : new Date(last)
    }
  }

  get ok(): boolean {
    const { canceled, completed, failed } = this.tally
    const { kept: options, skipped } = this.made
    return !hasFailed({ options, skipped, counts: { ...noCounts, completed, failed, canceled } })
  }

  #run(one: MemoryExecution) {
    const { executions, kept, members } = this.made
    return Effect.gen({ self: this }, function*() {
      if (one.end !== null) return
      if (this.halted !== null) return yield* executions.end(one, yield* endOf({ failure: untaken(this.halted) }))
      yield* executions.start(one)
      const end = yield* Effect.exit(Deferred.await(one.ended))
      const failure = end._tag === "Success" ? end.value.failure : null
      const before = this.halted
      this.halted = haltedBy({ halt: kept.halt, halted: before }, failure, { ...this.tally, total: members.length })
      if (before === null && this.halted === "halt" && kept.halt?.when === "now") {
        yield* Effect.forEach(members.filter(({ startedAt }) => startedAt !== null), (other) => executions.cancel(other))
      }
    })
  }
}
