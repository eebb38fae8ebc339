/** Where the time of one small run goes: the client's moments and the grid's, on the one clock of this machine. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Executions from "rgrid/client/executions"
import type { TestGrid } from "../e2e/harness.ts"
import { sandboxes, slotsRefilled, withGrid } from "./grid.ts"

const runs = 11

export const now = () => performance.timeOrigin + performance.now()

/** The grid's own record of an execution. Its database has milliseconds. */
export const gridMoments = Effect.fnUntraced(function*(id: string) {
  const { events } = yield* Executions.whyFacts(id)
  const moments = events.map(({ at, type }) => [`grid: ${type}`, DateTime.toEpochMillis(at)] as const)
  const phases = events.findLast(({ data }) => data.phases !== undefined)?.data.phases
  const claimed = moments.find(([label]) => label === "grid: Claimed")?.[1]
  if (phases === undefined || claimed === undefined) return moments
  const told = claimed + phases.prepareMillis
  return [
    ...moments,
    ["runner: script starts (by its own count since the claim)", told] as const,
    ["runner: script and its slot ended", told + phases.runMillis] as const,
    ["runner: outputs collected", told + phases.runMillis + phases.outputsMillis] as const
  ]
})

/** Each on a warm slot; the first one only warms up. */
export const repeated = async <A>(once: () => Promise<A>): Promise<ReadonlyArray<A>> => {
  const taken: Array<A> = []
  for (let run = 0; run <= runs; run++) {
    await slotsRefilled()
    taken.push(await once())
  }
  return taken.slice(1)
}

/** A profile of `hello.py` in each sandbox, as a page's sections. */
export const inEach = (title: string, profile: (grid: TestGrid, place: string) => Promise<string>) => async (): Promise<string> => {
  const parts: Array<string> = []
  for (const sandbox of sandboxes) {
    const told = await withGrid(sandbox, (grid, place) => {
      writeFileSync(join(place, "hello.py"), "print('hello')\n")
      return profile(grid, place)
    })
    parts.push(`## ${title}, ${sandbox}\n\n${told}\n`)
  }
  return parts.join("\n")
}

