/** Whatever way somebody comes in by, the same script ends the same. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { hasDocker } from "../scripts/testing/docker.ts"
import { type Door, needsOf, type Outcome, type Scenario } from "./conformance/Door.ts"
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

const seenOf = (outcome: Outcome, { expect: wanted }: Scenario) => ({
  status: outcome.status,
  ...(wanted.exitCode === undefined ? {} : { exitCode: outcome.exitCode }),
  ...(wanted.failure === undefined ? {} : { failure: outcome.failure }),
  ...(wanted.stdout === undefined ? {} : { stdout: readable(outcome.stdout) }),
  ...(wanted.metadata === undefined ? {} : { metadata: outcome.metadata }),
  ...(wanted.files === undefined
    ? {}
    : { files: Object.fromEntries(Object.entries(outcome.files).map(([path, bytes]) => [path, readable(bytes)])) })
})

const wantedOf = ({ expect: { items: _items, stderr: _stderr, ...wanted } }: Scenario) => ({
  ...wanted,
  ...(wanted.stdout === undefined ? {} : { stdout: readable(wanted.stdout) }),
  ...(wanted.files === undefined
    ? {}
    : { files: Object.fromEntries(Object.entries(wanted.files).map(([path, bytes]) => [path, readable(bytes)])) })
})

/** Only what these sandboxes can promise. */
const isPossible = ({ memoryMegabytes, network }: Scenario): boolean =>
  hasDocker || (memoryMegabytes === undefined && network === undefined)

const canBeAsked = (door: Door, scenario: Scenario): boolean =>
  needsOf(scenario).every((need) => door.lacks[need] === undefined)

describe.each(scenarios.filter(isPossible))("$name", (scenario) => {
  it.each(doors.filter((door) => canBeAsked(door, scenario)))("through the $name", async (door) => {
    const place = grid.workplace()
    layOut(place, scenario)
    const outcome = await door.run(scenario, place, grid)
    expect(seenOf(outcome, scenario)).toMatchObject(wantedOf(scenario))
    if (scenario.expect.files !== undefined) expect(Object.keys(outcome.files).sort()).toEqual(Object.keys(scenario.expect.files).sort())
    if (scenario.expect.stderr !== undefined) expect(outcome.stderr.toString()).toContain(scenario.expect.stderr)
    if (scenario.expect.items !== undefined) expect(outcome.items).toMatchObject(scenario.expect.items)
  })
})
