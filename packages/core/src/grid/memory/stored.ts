import type { AccountId } from "../../domain/Id.ts"
import { contentsOf, partsOf } from "../../domain/JobSpec.ts"
import type { Stored } from "../../ports/ExecutionStore.ts"
import { type Memory, partKey } from "./Memory.ts"

const total = (numbers: Iterable<number>): number => [...numbers].reduce((sum, number) => sum + number, 0)

/** A part that several executions pin is there once. */
export const stored = (memory: Memory, account: AccountId): Stored => {
  const sizes = [...memory.parts].filter(([key]) => key.startsWith(partKey(account, "")))
  const pins = [...memory.entries.values()].filter(({ submission }) => submission.account === account)
    .flatMap(({ submission }) => [...partsOf(contentsOf(submission.spec)).keys()].map((part) => partKey(account, part)))
  const saved = sizes.map(([key, size]) => size * Math.max(0, pins.filter((pin) => pin === key).length - 1))
  return { parts: sizes.length, bytes: total(sizes.map(([, size]) => size)), savedBytes: total(saved) }
}
