/** Tells how far an attempt is while it waits: for its image, or for its dependencies to be installed. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Progress } from "rgrid/domain/Progress"
import { Sandbox } from "rgrid/ports/Sandbox"

/** A hint to whoever watches the attempt. Never fails. */
export type Tell = (progress: Progress) => Effect.Effect<void>

/** What is being installed, and the newest line of it; null while nothing is. */
export interface Installing {
  readonly declared: string
  readonly line: Effect.Effect<string | null>
}

/** A slot that is there at once is told of to nobody. */
const interval = "250 millis"

const most = 512

const isNews = (before: Progress | null, now: Progress): boolean =>
  before === null || before.phase !== now.phase || before.doneBytes !== now.doneBytes ||
  before.totalBytes !== now.totalBytes || before.line !== now.line

/** How far it is now; null when there is nothing to tell. */
const look = Effect.fnUntraced(function*(image: string, installing: Installing | undefined) {
  const { pulling } = yield* Sandbox
  const pull = yield* pulling(image)
  if (pull !== null) return { phase: "pulling", image: image.slice(0, most), ...pull } satisfies Progress as Progress
  const line = installing === undefined ? null : yield* installing.line
  if (installing === undefined || line === null) return null
  return {
    phase: "installing",
    image: image.slice(0, most),
    doneBytes: 0,
    totalBytes: 0,
    declared: installing.declared.slice(0, most),
    line
  } satisfies Progress as Progress
})

/** Looks now and then, and tells what changed. */
const watch = Effect.fnUntraced(function*(
  image: string,
  installing: Installing | undefined,
  tell: Tell,
  told: { last: Progress | null }
) {
  while (true) {
    yield* Effect.sleep(interval)
    const progress = yield* look(image, installing)
    if (progress === null || !isNews(told.last, progress)) continue
    told.last = progress
    yield* tell(progress)
  }
})

/** Tells of it while `wait` lasts; and, if anything was told, that the wait is over. */
export const telling = (image: string, tell: Tell, installing?: Installing) => <A, E, R>(wait: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const told: { last: Progress | null } = { last: null }
    const watching = yield* Effect.forkChild(watch(image, installing, tell, told))
    const result = yield* wait
    yield* Fiber.interrupt(watching)
    if (told.last !== null) yield* tell({ ...told.last, phase: "starting" })
    return result
  })
