import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { follow } from "rgrid/client/follow"
import { prepare } from "rgrid/client/prepare"
import { submit } from "rgrid/client/submit"
import type { TestGrid } from "../e2e/harness.ts"
import { clientOf } from "./grid.ts"
import { median } from "./measure.ts"
import { gridMoments, inEach, now, repeated } from "./profiling.ts"
import { timeline } from "./timeline.ts"

/** In one client that lives on, as in an application. */
const submitted = Effect.fnUntraced(function*(cwd: string) {
  const begun = now()
  const prepared = yield* prepare({ script: "hello.py", args: [], cwd, env: {}, secrets: {} })
  const start = now()
  const { id } = yield* submit(prepared)
  const moments: Array<readonly [string, number]> = [["client: job accepted", now()]]
  yield* Stream.runForEach(follow(id), (event) =>
    Effect.sync(() => {
      if (event._tag === "Output") moments.push(["runner: has the first line", event.time / 1000], ["client: has the first line", now()])
      if (event._tag === "Ended") moments.push(["client: knows of the end", now()])
    }))
  moments.push(...yield* gridMoments(id))
  const since = new Map(moments.map(([label, at]) => [label, at - start]))
  return { preparing: start - begun, since }
}, Effect.scoped)

const firstLineIn = (grid: TestGrid, place: string) =>
  Effect.gen(function*() {
    const context = yield* Layer.build(clientOf(grid))
    const once = () => Effect.runPromise(submitted(place).pipe(Effect.provideContext(context)))
    const taken = yield* Effect.promise(() => repeated(once))
    const preparing = median(taken.map(({ preparing }) => preparing)).toFixed(1)
    return `${timeline(taken.map(({ since }) => since))}\n\nFinding what travels, before the clock: ${preparing} ms.`
  }).pipe(Effect.scoped, Effect.runPromise)

export const profileOfFirstLine = inEach("first-line", firstLineIn)
