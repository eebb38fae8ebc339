import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { picked } from "../client/picked.ts"
import type { Batch } from "../domain/Batch.ts"
import { batchInfo } from "./batchInfo.ts"
import type { BatchOfOptions } from "./batchOptions.ts"
import type { BatchInfo, BatchResult, BatchSummary } from "./batchResults.ts"
import { type CallOptions, call, callStaged, type Staged } from "./connection.ts"
import { type Brought, broughtToo, cancel, landingFor, nothingBrought, type Place, progress, summary } from "./effects/batch.ts"
import { results } from "./effects/followBatch.ts"
import { iterable } from "./iterate.ts"
import { ResultQueue } from "./ResultQueue.ts"

/** A batch that the grid knows, and where its outputs belong here. */
export interface Started {
  readonly batch: Batch
  readonly place: Place | null
}

/** Tells that it is known as soon as it is; ends when the grid has all it needs. */
export type Source = (started: (one: Started) => void) => Staged<void>

interface Sending {
  readonly started: Promise<Started>
  readonly sent: Promise<void>
  readonly stop: () => void
  isSent: boolean
}

interface Pump {
  /** Null: it was stopped. */
  readonly ended: Promise<Brought | null>
  readonly queue: ResultQueue | null
  readonly stop: () => void
  isOver: boolean
}

const ignore = () => undefined
const stopped = Symbol("stopped")

/** Rejects with the signal's reason; what is waited for goes on. */
const unless = <A>(signal: AbortSignal | undefined, promise: Promise<A>): Promise<A> => {
  if (signal === undefined) return promise
  const left = Promise.withResolvers<never>()
  const leave = () => left.reject(signal.reason)
  if (signal.aborted) leave()
  signal.addEventListener("abort", leave, { once: true })
  return Promise.race([promise, left.promise]).finally(() => signal.removeEventListener("abort", leave))
}

export class BatchRun {
  readonly #source: Source
  readonly #options: BatchOfOptions
  readonly #results: typeof results
  #sending: Sending | null = null
  #pump: Pump | null = null
  #summary: Promise<BatchSummary> | null = null
  /** Calls that wait for its end, for its being sent, or for its being known. */
  #waiting = 0
  /** Somebody left while others waited. */
  #isLeft = false

  constructor(source: Source, options: BatchOfOptions, follow: typeof results = results) {
    this.#source = source
    this.#options = options
    this.#results = follow
    this.#send()
  }

  async submitted({ signal }: Pick<CallOptions, "signal"> = {}): Promise<BatchInfo> {
    const { sent, started } = this.#send()
    return this.#awaiting(signal, Promise.all([started, sent]).then(([{ batch }]) => batchInfo(batch)))
  }

  async progress(options: Pick<CallOptions, "signal"> = {}): Promise<BatchInfo> {
    const { batch } = await this.#counted(unless(options.signal, this.#send().started))
    return call(progress(batch.id), { ...this.#options, ...options })
  }

  async cancel(options: Pick<CallOptions, "signal"> = {}): Promise<BatchInfo> {
    const { batch } = await this.#counted(unless(options.signal, this.#send().started))
    return call(cancel(batch.id), { ...this.#options, ...options })
  }

  async wait({ signal }: Pick<CallOptions, "signal"> = {}): Promise<BatchSummary> {
    return this.#awaiting(signal, this.#end())
  }

  [Symbol.asyncIterator]() {
    let queue: ResultQueue | null = null
    return {
      next: (): Promise<IteratorResult<BatchResult, undefined>> => {
        queue ??= this.#read()
        return queue.next()
      },
      return: async (): Promise<IteratorResult<BatchResult, undefined>> => {
        if (queue !== null && this.#pump?.queue === queue) await this.#unread(this.#pump)
        return { done: true, value: undefined }
      }
    }
  }

  /** Under one key: what was cut off goes on. */
  #send(): Sending {
    if (this.#sending !== null) return this.#sending
    const started = Promise.withResolvers<Started>()
    const controller = new AbortController()
    const sent = callStaged(this.#source(started.resolve), { ...this.#options, signal: this.#signal(controller) })
    const sending: Sending = { started: started.promise, sent, stop: () => controller.abort(stopped), isSent: false }
    // Nobody may ever ask.
    started.promise.catch(ignore)
    sent.then(
      () => {
        sending.isSent = true
      },
      (error: unknown) => {
        started.reject(error)
        if (this.#sending === sending) this.#sending = null
      }
    )
    this.#sending = sending
    return sending
  }

  #signal(controller: AbortController): AbortSignal {
    const { signal } = this.#options
    return signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal])
  }

  #follow(sending: Sending, signal: AbortSignal): AsyncIterable<BatchResult> {
    const found = Effect.promise(() => sending.started).pipe(Effect.map(({ batch, place }) =>
      this.#results(batch.id, {
        landing: landingFor(place, this.#options.flat),
        ...picked(this.#options, "onProgress", "output")
      })
    ))
    return iterable(Stream.unwrap(found), { ...this.#options, signal })
  }

  #start(queue: ResultQueue | null): Pump {
    const controller = new AbortController()
    const sending = this.#send()
    sending.sent.catch((error: unknown) => controller.abort(error))
    const pump: Pump = {
      queue,
      isOver: false,
      stop: () => controller.abort(stopped),
      ended: this.#run(queue, sending, this.#signal(controller)).catch((error: unknown) => {
        if (this.#pump === pump) this.#pump = null
        if (error === stopped) return null
        if (this.#options.signal?.aborted === true) queue?.drop()
        queue?.fail(error)
        this.#rest()
        throw error
      })
    }
    pump.ended.catch(ignore).finally(() => {
      pump.isOver = true
    })
    this.#pump = pump
    return pump
  }

  async #run(queue: ResultQueue | null, sending: Sending, signal: AbortSignal): Promise<Brought> {
    let brought = nothingBrought
    for await (const result of this.#follow(sending, signal)) {
      brought = broughtToo(brought, result)
      const room = queue?.push(result)
      if (room !== undefined && this.#waiting === 0) await unless(signal, room)
    }
    queue?.done()
    return brought
  }

  /** A loop sees all results: what was followed without one is followed anew; what is here already is not fetched again. */
  #read(): ResultQueue {
    if (this.#pump?.isOver === false && this.#pump.queue !== null) throw new TypeError("This batch is being iterated already.")
    const before = this.#pump
    const queue = new ResultQueue()
    this.#start(queue)
    before?.stop()
    return queue
  }

  async #unread(pump: Pump): Promise<void> {
    if (pump.isOver) return
    this.#pump = null
    pump.stop()
    pump.queue?.drop()
    pump.queue?.done()
    this.#rest()
    await pump.ended.catch(ignore)
  }

  /** Somebody left: nothing is kept going for nobody. */
  #rest(): void {
    if (this.#waiting > 0) return
    this.#isLeft = false
    if (this.#pump?.isOver === true || (this.#pump?.queue ?? null) !== null) return
    this.#pump?.stop()
    this.#pump = null
    if (this.#sending?.isSent === false) {
      this.#sending.stop()
      this.#sending = null
    }
  }

  /** What it waits for is not cut off under it. */
  async #counted<A>(promise: Promise<A>): Promise<A> {
    this.#waiting++
    try {
      return await promise
    } finally {
      this.#waiting--
      if (this.#isLeft) this.#rest()
    }
  }

  #awaiting<A>(signal: AbortSignal | undefined, promise: Promise<A>): Promise<A> {
    this.#pump?.queue?.hurry()
    return this.#counted(unless(signal, promise).catch((error: unknown) => {
      this.#isLeft = true
      throw error
    }))
  }

  async #end(): Promise<BatchSummary> {
    if (this.#summary !== null) return this.#summary
    // A moment, so that a loop that begins with the same breath is what follows it.
    await Promise.resolve()
    while (this.#waiting > 0) {
      const brought = await (this.#pump ?? this.#start(null)).ended
      if (brought !== null) return this.#summed(brought)
    }
    // Told to nobody: all who waited have left.
    throw stopped
  }

  async #summed(brought: Brought): Promise<BatchSummary> {
    const { batch } = await this.#send().started
    if (this.#summary !== null) return this.#summary
    const asked = call(summary(batch.id, brought), this.#options)
    this.#summary = asked
    asked.catch(() => {
      this.#summary = null
    })
    return asked
  }
}
