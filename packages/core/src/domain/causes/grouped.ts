/** Failed members of a batch, those of one cause together. */
import type { Failure } from "../Failure.ts"
import { fingerprint } from "./fingerprint.ts"

/** Any failed item: `FailedMember` is one. */
export interface Failed {
  readonly position: number
  readonly failure: Failure
}

export interface Group<Member extends Failed> {
  /** From 1, as people name it. */
  readonly number: number
  readonly fingerprint: string
  /** By position; never empty. */
  readonly members: readonly [Member, ...ReadonlyArray<Member>]
}

/** The most frequent cause first; of two as frequent, that of the earlier item. */
export const grouped = <Member extends Failed>(members: ReadonlyArray<Member>): ReadonlyArray<Group<Member>> => {
  const groups = new Map<string, [Member, ...Array<Member>]>()
  for (const member of members.toSorted((one, other) => one.position - other.position)) {
    const text = fingerprint(member.failure)
    const group = groups.get(text)
    if (group === undefined) groups.set(text, [member])
    else group.push(member)
  }
  // Groups stand by their first member's position, and sorting keeps that among equals.
  return [...groups].toSorted(([, one], [, other]) => other.length - one.length)
    .map(([text, all], index) => ({ number: index + 1, fingerprint: text, members: all }))
}
