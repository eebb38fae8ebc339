/** Executions that only a test knows. */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { type ClientError, ExecutionUnended, ExecutionUnknown, IdempotencyKeyReused } from "../../client/errors.ts"
import { executionId } from "../../domain/Id.ts"
import type { ExecutionInfo } from "../info.ts"
import type { WrittenFile } from "../results.ts"
import { answer, endOf, type MemoryEnd, type MemoryJob, type MemoryScript } from "./Script.ts"

export interface MemoryExecution {
  readonly id: string
  readonly job: MemoryJob
  readonly batch: ExecutionInfo["batch"]
  readonly retryOf: string | null
  readonly createdAt: Date
  startedAt: Date | null
  end: MemoryEnd | null
  /** `end`, or why it could not be made. */
  readonly ended: Deferred.Deferred<MemoryEnd, ClientError>
  fiber: Fiber.Fiber<MemoryEnd, ClientError> | null
}

const statusOf = ({ end, startedAt }: MemoryExecution): ExecutionInfo["status"] => {
  if (end === null) return startedAt === null ? "queued" : "running"
  if (end.failure === null) return "completed"
  if (end.failure._tag === "TimedOut") return "timed out"
  return end.failure._tag === "Canceled" || end.failure._tag === "Halted" ? "canceled" : "failed"
}

export const infoOf = (one: MemoryExecution): ExecutionInfo => ({
  id: one.id,
  retryOf: one.retryOf,
  status: statusOf(one),
  exitCode: one.end?.exitCode ?? null,
  failure: one.end?.failure ?? null,
  batch: one.batch,
  script: one.job.script,
  args: one.job.args,
  runtime: one.job.runtime ?? "memory",
  attempt: one.startedAt === null ? 0 : 1,
  cost: { micros: one.end?.cost ?? 0, phase: "estimated" },
  metadata: one.job.metadata,
  createdAt: one.createdAt,
  startedAt: one.startedAt,
  endedAt: one.end?.at ?? null
})

/** Below `directory`, as the real grid's are brought. */
export const writeFiles = ({ files }: MemoryEnd, directory: string): Effect.Effect<ReadonlyArray<WrittenFile>> =>
  Effect.forEach(files, ({ bytes, path }) =>
    Effect.promise(async () => {
      await mkdir(dirname(join(directory, path)), { recursive: true })
      await writeFile(join(directory, path), bytes)
      return { path, bytes: bytes.length }
    }))

export class Executions {
  /** The oldest first. */
  readonly all = new Map<string, MemoryExecution>()
  readonly #keys = new Map<string, { readonly id: string; readonly content: string }>()
  readonly #script: MemoryScript
  readonly #scope: Scope.Scope

  constructor(script: MemoryScript, scope: Scope.Scope) {
    this.#script = script
    this.#scope = scope
  }

  /** Goes on for as long as the grid does. */
  beside<A, E>(effect: Effect.Effect<A, E>): Effect.Effect<Fiber.Fiber<A, E>> {
    return Effect.forkIn(effect, this.#scope)
  }

  get(id: string): Effect.Effect<MemoryExecution, ExecutionUnknown> {
    const found = this.all.get(id)
    return found === undefined ? Effect.fail(new ExecutionUnknown({ id, nearest: null })) : Effect.succeed(found)
  }

  readonly make = Effect.fnUntraced(
    function*(this: Executions, job: MemoryJob, of: Partial<Pick<MemoryExecution, "batch" | "retryOf">> = {}) {
      const now = yield* Clock.currentTimeMillis
      const ended = yield* Deferred.make<MemoryEnd, ClientError>()
      const one: MemoryExecution = {
        id: executionId(now),
        job,
        batch: null,
        retryOf: null,
        createdAt: new Date(now),
        startedAt: null,
        end: null,
        ended,
        fiber: null,
        ...of
      }
      this.all.set(one.id, one)
      return one
    }.bind(this)
  )

  /** Runs it to its end, beside whoever asked for it. */
  readonly start = Effect.fnUntraced(function*(this: Executions, one: MemoryExecution) {
    one.startedAt = new Date(yield* Clock.currentTimeMillis)
    const running = answer(this.#script, one.job).pipe(Effect.onExit((exit) => this.#settle(one, exit)))
    one.fiber = yield* this.beside(running)
    return one
  }.bind(this))

  /** One call, one execution; the same key, the same one. A retry of another is another job. */
  readonly begin = Effect.fnUntraced(
    function*(this: Executions, job: MemoryJob, content: string, key: string | undefined, retryOf: string | null = null) {
      const whole = content + (retryOf ?? "")
      const used = key === undefined ? undefined : this.#keys.get(key)
      const known = this.all.get(used?.id ?? "")
      if (key !== undefined && known !== undefined) {
        return used?.content === whole ? known : yield* new IdempotencyKeyReused({ key })
      }
      const one = yield* this.make(job, { retryOf })
      if (key !== undefined) this.#keys.set(key, { id: one.id, content: whole })
      return yield* this.start(one)
    }.bind(this)
  )

  readonly cancel = Effect.fnUntraced(function*(this: Executions, one: MemoryExecution) {
    if (one.fiber !== null) yield* Fiber.interrupt(one.fiber)
    // It may not have begun.
    if (one.end === null) yield* this.end(one, yield* endOf({ failure: { _tag: "Canceled" } }))
  }.bind(this))

  remove(one: MemoryExecution): Effect.Effect<void, ExecutionUnended> {
    if (one.end === null) return Effect.fail(new ExecutionUnended({ id: one.id }))
    return Effect.sync(() => this.all.delete(one.id))
  }

  end(one: MemoryExecution, end: MemoryEnd): Effect.Effect<boolean> {
    one.end = end
    return Deferred.succeed(one.ended, end)
  }

  #settle(one: MemoryExecution, exit: Exit.Exit<MemoryEnd, ClientError>) {
    if (Exit.isSuccess(exit)) return this.end(one, exit.value)
    if (Exit.hasInterrupts(exit)) {
      return Effect.flatMap(endOf({ failure: { _tag: "Canceled" } }), (end) => this.end(one, end))
    }
    // It was never made.
    this.all.delete(one.id)
    return Deferred.failCause(one.ended, exit.cause)
  }
}
