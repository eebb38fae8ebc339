import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import type { Worker } from "rgrid/api/Account"
import { RunnerId } from "rgrid/domain/Id"
import { summary } from "../src/output/workers.ts"

const now = 1_700_000_000_000

const worker = (name: string, busy: number, over: Partial<Worker> = {}): Worker => ({
  id: RunnerId.make("run_01m7ymr7b4qe5m7ed2rqtgcfs3"),
  name,
  sandbox: "docker",
  version: "1.0.0",
  slots: 4,
  busy,
  connectedAt: DateTime.makeUnsafe(now - 120_000),
  controls: [],
  ...over
})

describe("workers", () => {
  it("are counted with how busy they are", () => {
    const said = summary([worker("a", 1), worker("b", 4)], now)
    assert.match(said, /a +docker +1\/4 +25% +1\.0\.0 +2m ago/)
    assert.include(said, "2 workers, 5 of 8 slots busy (63%)")
    assert.notInclude(said, "REGION")
  })

  it("say where they stand once one says so", () => {
    const said = summary([worker("a", 0, { region: "fsn1" }), worker("b", 0)], now)
    assert.match(said, /NAME +REGION/)
    assert.match(said, /a +fsn1 +docker/)
    assert.match(said, /b +- +docker/)
  })

  it("name what they can't enforce, by its reason", () => {
    const not = (name: string, detail: string) => ({ name, enforced: false, detail })
    const controls = [not("cpu", "no cgroups"), not("memory", "no cgroups"), { name: "seccomp", enforced: true, detail: "" }]
    assert.include(summary([worker("a", 0, { controls })], now), "Not enforced on a: cpu, memory\n  no cgroups\n")
  })
})
