/** Between a batch that goes on and the loop that reads it: results as they come, and no more than a loop should have waiting. */
import type { BatchResult } from "./batchResults.ts"

const most = 1000

type Settled = IteratorResult<BatchResult, undefined>

const over: Settled = { done: true, value: undefined }

export class ResultQueue {
  readonly #results: Array<BatchResult> = []
  /** Whoever asked first gets the first. */
  readonly #asked: Array<PromiseWithResolvers<Settled>> = []
  #room: PromiseWithResolvers<void> | null = null
  #end: { readonly error?: unknown } | null = null

  /** Resolves when there is room for another. */
  push(result: BatchResult): Promise<void> {
    if (this.#end !== null) return Promise.resolve()
    const asked = this.#asked.shift()
    if (asked === undefined) this.#results.push(result)
    else asked.resolve({ done: false, value: result })
    if (this.#results.length < most) return Promise.resolve()
    this.#room ??= Promise.withResolvers()
    return this.#room.promise
  }

  /** Whoever waits for the batch's end is not kept waiting by a slow loop. */
  hurry(): void {
    this.#room?.resolve()
    this.#room = null
  }

  done(): void {
    this.#end ??= {}
    for (const asked of this.#asked.splice(0)) asked.resolve(over)
    this.hurry()
  }

  /** Told once, behind what came before. */
  fail(error: unknown): void {
    const asked = this.#asked.shift()
    asked?.reject(error)
    this.#end = asked === undefined ? { error } : {}
    this.done()
  }

  /** Nobody wants what came before any more. */
  drop(): void {
    this.#results.length = 0
    this.hurry()
  }

  async next(): Promise<Settled> {
    const value = this.#results.shift()
    if (this.#results.length < most) this.hurry()
    if (value !== undefined) return { done: false, value }
    if (this.#end === null) {
      const asked = Promise.withResolvers<Settled>()
      this.#asked.push(asked)
      return asked.promise
    }
    const { error } = this.#end
    this.#end = {}
    if (error !== undefined) throw error
    return over
  }
}
