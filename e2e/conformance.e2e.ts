/** Whatever way somebody comes in by, the same script ends the same. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { hasDocker } from "../scripts/testing/docker.ts"
import { type Door, type Expected, needsOf, type Outcome, type Scenario } from "./conformance/Door.ts"
import { doors } from "./conformance/doors.ts"
import { layOut } from "./conformance/place.ts"
import { scenarios } from "./conformance/scenarios.ts"
import { TestGrid } from "./harness.ts"

let grid: TestGrid
beforeAll(async () => {
  grid = new TestGrid()
  await grid.up(hasDocker ? "docker" : "process")
})
afterAll(() => grid.down())

const readable = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString("latin1")

/** With bytes that can be looked at. */
const shown = ({ files, stdout, ...rest }: Partial<Outcome> | Expected) => ({
  ...rest,
  ...(stdout === undefined ? {} : { stdout: readable(stdout) }),
  ...(files === undefined
    ? {}
    : { files: Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, readable(bytes)])) })
})

/** Only what these sandboxes can promise. */
const isPossible = ({ memoryMegabytes, network }: Scenario): boolean =>
  hasDocker || (memoryMegabytes === undefined && network === undefined)

const canBeAsked = (door: Door, scenario: Scenario): boolean =>
  needsOf(scenario).every((need) => door.lacks[need] === undefined)

describe.each(scenarios)("$name", (scenario) => {
  const { stderr, ...wanted } = scenario.expect
  it.skipIf(!isPossible(scenario)).each(doors.filter((door) => canBeAsked(door, scenario)))("through the $name", async (door) => {
    const place = grid.workplace()
    layOut(place, scenario)
    const outcome = await door.run(scenario, place, grid)
    expect(shown(outcome)).toMatchObject(shown(wanted))
    expect(outcome.code).toBe(door.codeOf?.(scenario.expect))
    if (wanted.files !== undefined) expect(Object.keys(outcome.files).sort()).toEqual(Object.keys(wanted.files).sort())
    if (stderr !== undefined) expect(outcome.stderr.toString()).toContain(stderr)
  })
})
