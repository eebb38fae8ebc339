/**
 * Group commit: calls that come while one of their kind is under way are taken together into the next transaction. Nobody
 * waits for company: a call that finds nothing under way goes alone.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import type { SqlError } from "effect/sql/SqlError"
import type { StoreUnavailable } from "rgrid/ports/ExecutionStore"
import { unavailable } from "./errors.ts"

export interface Grouped<Call, Answer, E> {
  /** Calls of one transaction have this in common. */
  readonly keyOf: (call: Call) => unknown
  /** Entries of a call's longest list: of those with many, fewer go together. */
  readonly lengthOf?: (call: Call) => number
  /** Answers in their order, none for a call that has to be taken again. Fails or dies only with nothing of it written. */
  readonly run: (calls: ReadonlyArray<Call>) => Effect.Effect<Answers<Answer, E>, SqlError>
}

export type Answers<Answer, E> = ReadonlyArray<Exit.Exit<Answer, E> | undefined>

/** Transactions of one kind at the same time: while one waits for the disk, the next is made. */
const lanes = 2

/** Enough to make a commit cheap, little enough that the first of a group is not kept waiting by the others. */
const most = 200

/** A job may have 100,000 files: what goes together is to be flat in memory. */
const mostEntries = 20_000

interface Waiting<Call, Answer, E> {
  readonly call: Call
  readonly answer: Deferred.Deferred<Answer, E | StoreUnavailable>
}

/** Takes the oldest and those behind it that go with it. */
const next = <Call, Answer, E>(waiting: Array<Waiting<Call, Answer, E>>, { keyOf, lengthOf = () => 0 }: Grouped<Call, Answer, E>) => {
  const key = keyOf(waiting[0]!.call)
  let entries = 0
  const fits = ({ call }: Waiting<Call, Answer, E>) =>
    keyOf(call) === key && (entries === 0 || entries + lengthOf(call) <= mostEntries)
  const group: typeof waiting = []
  const rest: typeof waiting = []
  for (const one of waiting) {
    const taken = group.length < most && fits(one)
    if (taken) entries += lengthOf(one.call)
    ;(taken ? group : rest).push(one)
  }
  waiting.splice(0, waiting.length, ...rest)
  return group
}

/** One bad call must not fail its neighbours: a group that dies wrote nothing, and each of it is tried by itself. */
const answered = <Call, Answer, E>(
  { run }: Grouped<Call, Answer, E>,
  calls: ReadonlyArray<Call>
): Effect.Effect<Answers<Answer, E | StoreUnavailable>> =>
  unavailable(Effect.suspend(() => run(calls))).pipe(
    Effect.catchDefect((defect): Effect.Effect<Answers<Answer, E | StoreUnavailable>> =>
      calls.length === 1
        ? Effect.succeed([Exit.die(defect)])
        : Effect.map(Effect.forEach(calls, (call) => answered({ run, keyOf: () => 0 }, [call])), (all) => all.flat())),
    Effect.catch((error) => Effect.succeed(calls.map(() => Exit.fail(error))))
  )

/** Until all have their answer. */
const serve = Effect.fnUntraced(function*<Call, Answer, E>(
  grouped: Grouped<Call, Answer, E>,
  group: ReadonlyArray<Waiting<Call, Answer, E>>
) {
  for (let open = group; open.length > 0;) {
    const answers = yield* answered(grouped, open.map(({ call }) => call))
    open.forEach(({ answer }, index) => answers[index] !== undefined && Deferred.doneUnsafe(answer, answers[index]))
    open = open.filter((_, index) => answers[index] === undefined)
  }
}, (served, _, group) =>
  Effect.onInterrupt(served, () =>
    Effect.sync(() => group.forEach(({ answer }) => Deferred.doneUnsafe(answer, Effect.interrupt)))))

/** The verb as one calls it alone. A caller that goes away takes its call along unless that is under way already. */
export const grouping = <Call, Answer, E>(scope: Scope.Scope, grouped: Grouped<Call, Answer, E>) => {
  const waiting: Array<Waiting<Call, Answer, E>> = []
  let busy = 0
  const lane: Effect.Effect<void> = Effect.suspend(() => {
    if (waiting.length > 0) return Effect.andThen(serve(grouped, next(waiting, grouped)), lane)
    busy--
    return Effect.void
  })
  return (call: Call): Effect.Effect<Answer, E | StoreUnavailable> =>
    Effect.suspend(() => {
      const mine = { call, answer: Deferred.makeUnsafe<Answer, E | StoreUnavailable>() }
      waiting.push(mine)
      const start = busy === lanes ? Effect.void : Effect.suspend(() => {
        busy++
        // Those that were called in the same moment get in too.
        return Effect.forkIn(Effect.andThen(Effect.yieldNow, lane), scope)
      })
      return Effect.andThen(start, Deferred.await(mine.answer)).pipe(
        Effect.onInterrupt(() => Effect.sync(() => {
          const place = waiting.indexOf(mine)
          if (place >= 0) waiting.splice(place, 1)
        }))
      )
    })
}
