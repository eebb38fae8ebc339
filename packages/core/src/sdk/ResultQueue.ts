/** Between a batch that goes on and the loop that reads it: results as they come, and no more than a loop should have waiting. */
import type { BatchResult } from "./batchResults.ts"

const most = 1000

type Settled = IteratorResult<BatchResult, undefined>

const over: Settled = { done: true, value: undefined }

export class ResultQueue {
  readonly #results: Array<BatchResult> = []
  #asked: PromiseWithResolvers<Settled> | null = null
  #room: PromiseWithResolvers<void> | null = null
  #end: { readonly error?: unknown } | null = null

  /** Resolves when there is room for another. */
  push(result: BatchResult): Promise<void> {
    if (this.#asked === null) this.#results.push(result)
    else this.#asked.resolve({ done: false, value: result })
    this.#asked = null
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
    this.#end = {}
    this.#asked?.resolve(over)
    this.#asked = null
    this.hurry()
  }

  /** Told once, behind what came before. */
  fail(error: unknown): void {
    this.#end = this.#asked === null ? { error } : {}
    this.#asked?.reject(error)
    this.#asked = null
    this.hurry()
  }

  async next(): Promise<Settled> {
    const value = this.#results.shift()
    if (this.#results.length < most) this.hurry()
    if (value !== undefined) return { done: false, value }
    if (this.#end === null) return (this.#asked ??= Promise.withResolvers()).promise
    const { error } = this.#end
    this.#end = {}
    if (error !== undefined) throw error
    return over
  }
}
