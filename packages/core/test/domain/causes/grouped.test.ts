import { assert, describe, it } from "@effect/vitest"
import { grouped } from "../../../src/domain/causes/grouped.ts"
import type { Failure } from "../../../src/domain/Failure.ts"

const exited = (tail: string): Failure => ({ _tag: "ScriptExited", code: 1, tail })

describe("failures grouped by cause", () => {
  it("are none of none", () => assert.deepStrictEqual(grouped([]), []))

  it("stand by their number, then by their first item", () => {
    const ends: ReadonlyArray<readonly [number, Failure]> = [
      [9, { _tag: "TimedOut", seconds: 3 }],
      [4, exited("a.csv: no header")],
      [2, exited("row 7 is broken")],
      [3, { _tag: "TimedOut", seconds: 3 }],
      [5, exited("b.csv: no header")],
      [7, exited("c/d.csv: no header")],
      [1, exited("row 12 is broken")],
      [8, { _tag: "OutOfMemory", limitBytes: 1, peakBytes: null }]
    ]
    const groups = grouped(ends.map(([position, failure]) => ({ position, failure, execution: `exec_${position}` })))
    assert.deepStrictEqual(groups.map(({ fingerprint, members, number }) => [
      number,
      fingerprint,
      members.map(({ execution }) => execution)
    ]), [
      [1, "exit 1: …: no header", ["exec_4", "exec_5", "exec_7"]],
      [2, "exit 1: row … is broken", ["exec_1", "exec_2"]],
      [3, "TimedOut", ["exec_3", "exec_9"]],
      [4, "OutOfMemory", ["exec_8"]]
    ])
  })

  it("name three causes of 137 failures among 500 items", () => {
    const failure = (position: number): Failure | null => {
      if (position % 10 === 0) return exited(`batch/${position}.csv: line ${position * 3}: no price`)
      if (position % 10 === 5) return { _tag: "ScriptExited", code: 1, tail: `ValueError: bad date '2024-01-${position}'` }
      return position % 10 === 3 && position <= 363 ? { _tag: "TimedOut", seconds: position } : null
    }
    const members = Array.from({ length: 500 }, (_, index) => ({ position: index + 1, failure: failure(index + 1) }))
      .flatMap(({ failure, position }) => failure === null ? [] : [{ position, failure }])
    assert.strictEqual(members.length, 137)
    assert.deepStrictEqual(grouped(members).map(({ members }) => [members[0].position, members.length]), [[5, 50], [10, 50], [3, 37]])
  })
})
