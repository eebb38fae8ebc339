/**
 * What the engine's images' names stand for. Items of a batch do not ask for each: an answer is believed for a second, and
 * no longer than until the engine tells that any image changed, for one that was just built is to be used.
 */
import type Docker from "dockerode"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { once } from "node:events"
import type { SandboxError } from "rgrid/ports/Sandbox"
import type { Engine } from "./Engine.ts"
import { find, type Image } from "./images.ts"

/** Should an engine not tell of everything. Milliseconds. */
const believed = 1000

/** Until an engine that stopped telling is asked to again; meanwhile nothing is believed. */
const patience = Schedule.spaced("5 seconds")

export interface Known {
  /** Null where the engine does not have it. */
  readonly find: (image: string) => Effect.Effect<Image | null, SandboxError>
}

class Answers {
  private readonly images = new Map<string, { readonly image: Image; readonly at: number }>()
  private isTold = false
  /** What was asked before a change is not remembered after it. */
  private changes = 0

  get since(): number {
    return this.changes
  }

  fresh(name: string, now: number): Image | null {
    const answer = this.images.get(name)
    return answer !== undefined && now - answer.at < believed ? answer.image : null
  }

  remember(name: string, image: Image | null, at: number, since: number): void {
    if (this.isTold && image !== null && since === this.changes) this.images.set(name, { image, at })
  }

  forget(isTold: boolean): void {
    this.isTold = isTold
    this.changes++
    this.images.clear()
  }
}

/** Until the engine tells no more. */
const listen = ({ docker }: Engine, answers: Answers): Effect.Effect<void> =>
  Effect.tryPromise(async (signal) => {
    const options: Docker.GetEventsOptions & { abortSignal: AbortSignal } = { filters: { type: ["image"] }, abortSignal: signal }
    const events = await docker.getEvents(options)
    events.on("data", () => answers.forget(true))
    answers.forget(true)
    await once(events, "close", { signal })
  }).pipe(Effect.ensuring(Effect.sync(() => answers.forget(false))), Effect.ignore)

export const make = Effect.fnUntraced(function*(engine: Engine): Effect.fn.Return<Known, never, Scope.Scope> {
  const answers = new Answers()
  yield* Effect.forkScoped(Effect.repeat(listen(engine, answers), patience))
  return {
    find: Effect.fnUntraced(function*(image: string) {
      const now = yield* Clock.currentTimeMillis
      const fresh = answers.fresh(image, now)
      if (fresh !== null) return fresh
      const { since } = answers
      const found = yield* engine.call(() => find(engine.docker, image))
      answers.remember(image, found, now, since)
      return found
    })
  }
})
