import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { follow } from "rgrid/client/follow"
import { prepare } from "rgrid/client/prepare"
import { submit } from "rgrid/client/submit"
import type { TestGrid } from "../e2e/harness.ts"
import type { Benchmark } from "./Benchmark.ts"
import { atMostTimes } from "./budget.ts"
import { clientOf, python3, sandboxes, withGrid, withWarmSlot } from "./grid.ts"
import { firstByte, inTurn, type Row } from "./measure.ts"
import { profileOfFirstLine } from "./firstLineProfile.ts"

/** As an application does: one client for all of its runs. What travels is found before the clock starts. */
const once = (cwd: string) =>
  Effect.gen(function*() {
    const prepared = yield* prepare({ script: "hello.py", args: [], cwd, env: {}, secrets: {} })
    const start = performance.now()
    const { id } = yield* submit(prepared)
    let first = Number.NaN
    yield* Stream.runForEach(follow(id), (event) =>
      Effect.sync(() => {
        if (event._tag === "Output" && Number.isNaN(first)) first = performance.now() - start
      }))
    return first
  }).pipe(Effect.scoped)

const measureIn = (grid: TestGrid, place: string) =>
  Effect.gen(function*() {
    writeFileSync(join(place, "hello.py"), "print('hello')\n")
    const context = yield* Layer.build(clientOf(grid))
    const ours = () => Effect.runPromise(once(place).pipe(Effect.provideContext(context)))
    return yield* Effect.promise(() => inTurn(withWarmSlot(ours), firstByte(python3, ["hello.py"], place), 15))
  }).pipe(Effect.scoped, Effect.runPromise)

/** Submitting to the first line on a warm grid, no command line, against the same of a local `python3`. */
export const firstLine: Benchmark = {
  name: "first-line",
  budget: atMostTimes(2)("at most 2 × local python3"),
  measure: async () => {
    const rows: Array<Row> = []
    for (const sandbox of sandboxes) {
      const measured = await withGrid(sandbox, measureIn)
      rows.push({ name: `first-line ${sandbox}`, what: "submit to first line against python3", unit: "ms", ...measured })
    }
    return rows
  },
  profile: profileOfFirstLine
}
