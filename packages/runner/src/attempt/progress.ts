/** Tells how far an attempt's image is while its slot is being made. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Progress } from "rgrid/domain/Progress"
import { Sandbox } from "rgrid/ports/Sandbox"

/** A hint to whoever watches the attempt. Never fails. */
export type Tell = (progress: Progress) => Effect.Effect<void>

/** A slot that is there at once is told of to nobody. */
const interval = "250 millis"

const isNews = (before: Progress | null, now: Progress): boolean =>
  before === null || before.doneBytes !== now.doneBytes || before.totalBytes !== now.totalBytes

/** Looks now and then, and tells what changed. */
const watch = Effect.fnUntraced(function*(image: string, tell: Tell, told: { last: Progress | null }) {
  const { pulling } = yield* Sandbox
  while (true) {
    yield* Effect.sleep(interval)
    const pull = yield* pulling(image)
    if (pull === null) continue
    const progress: Progress = { phase: "pulling", image: image.slice(0, 512), ...pull }
    if (!isNews(told.last, progress)) continue
    told.last = progress
    yield* tell(progress)
  }
})

/** Tells of the image while `acquire` waits for its slot; and, if anything was told, that the wait is over. */
export const telling = (image: string, tell: Tell) => <A, E, R>(acquire: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const told: { last: Progress | null } = { last: null }
    const watching = yield* Effect.forkChild(watch(image, tell, told))
    const slot = yield* acquire
    yield* Fiber.interrupt(watching)
    if (told.last !== null) yield* tell({ ...told.last, phase: "starting" })
    return slot
  })
