/** Brings queued work to runners that ask for it, and cancels to those that run it. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type { Assignment } from "rgrid/api/RunnerProtocol"
import { type Claim, ExecutionStore, type StoreUnavailable } from "rgrid/ports/ExecutionStore"
import { AttemptTokens } from "../AttemptToken.ts"
import { Hints } from "./Hints.ts"
import { RunnerSessions, type Session } from "./RunnerSessions.ts"

/** A hint may be missed; then work waits no longer than this. */
const poll = "3 seconds"

const assignmentOf = ({ account, batch, execution, fence, spec }: Claim, token: string): Assignment => ({
  ...(batch === null ? {} : { batch }),
  account,
  execution,
  fence,
  spec,
  token
})

/** Over the newest connection of the start that claimed: the one that asked may be replaced by now. */
const assign = Effect.fnUntraced(function*({ claimant }: Session, claims: ReadonlyArray<Claim>) {
  const tokens = yield* AttemptTokens
  const sessions = yield* RunnerSessions
  const session = yield* sessions.of(claimant.runner)
  if (session?.claimant.incarnation !== claimant.incarnation) return false
  yield* sessions.ask(session, session.demand - claims.length)
  const attempts = claims.map((claim) => assignmentOf(claim, tokens.make(claim)))
  const told = yield* session.tell({ _tag: "Assign", attempts })
  // Else what is given back would be claimed for it again, until no retry is left.
  if (!told) yield* sessions.closed(session)
  return told
})

/** Claims for one session and tells it; how many. What can't be told is given back at once instead of waiting for its lease. */
const feed = Effect.fnUntraced(function*(session: Session) {
  const store = yield* ExecutionStore
  const claims = yield* store.claim(session.claimant, session.demand)
  if (claims.length === 0) return 0
  if (!(yield* assign(session, claims))) {
    yield* Effect.forEach(claims, (claim) =>
      store.lose(claim, "The runner's connection closed before it got the work.").pipe(
        Effect.catchTag("StaleAttempt", () => Effect.void)
      ), { discard: true })
  }
  return claims.length
// A claim that nobody is told of would hold its execution for a whole lease.
}, Effect.uninterruptible)

/** What is known of the queue: that a look found less than was asked for, and nothing was said to have come since. */
class Known {
  private told = 0
  private emptyAt = -1

  readonly isEmpty = (): boolean => this.emptyAt === this.told
  readonly maybeMore = (): void => void this.told++
  /** What is said to have come while one looks, one may not have seen. */
  readonly looking = () => {
    const before = this.told
    return (found: number, asked: number): void => {
      if (found < asked) this.emptyAt = before
    }
  }
}

/** Until there is nothing queued or nobody asks. */
const feedAll = Effect.fnUntraced(function*(known: Known) {
  const sessions = yield* RunnerSessions
  for (let more = true; more;) {
    more = false
    for (const session of yield* sessions.hungry) {
      // Asked again before each: while the one before was fed it may have gone, or want nothing any more.
      const { demand } = session
      if (demand === 0 || known.isEmpty()) continue
      const looked = known.looking()
      const found = yield* feed(session)
      looked(found, demand)
      more ||= found > 0
    }
  }
})

/** Looks when work came, when somebody asks for more, and every few seconds; once for however many reasons. */
const dispatch = Effect.gen(function*() {
  const sessions = yield* RunnerSessions
  const hints = yield* Hints
  const known = new Known()
  const maybeMore = Stream.merge(hints.all.pipe(Stream.filter((hint) => hint._tag === "Queued")), Stream.tick(poll)).pipe(
    Stream.map(known.maybeMore)
  )
  const reasons = Stream.merge(maybeMore, sessions.demands)
  let away = false
  const unavailable = ({ detail }: StoreUnavailable) =>
    Effect.suspend(() => {
      if (away) return Effect.void
      away = true
      return Effect.logWarning("Work can't be claimed now", { detail })
    })
  yield* reasons.pipe(
    Stream.buffer({ capacity: 1, strategy: "sliding" }),
    Stream.runForEach(() =>
      feedAll(known).pipe(
        Effect.andThen(Effect.sync(() => (away = false))),
        Effect.catchTag("StoreUnavailable", unavailable),
        // A dispatcher that ends would leave the queue without an owner.
        Effect.catchDefect((defect) => Effect.logError("Dispatching failed", defect))
      )
    )
  )
})

const forwardCancels = Effect.gen(function*() {
  const sessions = yield* RunnerSessions
  const hints = yield* Hints
  yield* Stream.runForEach(hints.all, (hint) =>
    hint._tag === "CancelRequested" && hint.runner !== null
      ? Effect.flatMap(sessions.of(hint.runner), (session) =>
        session?.tell({ _tag: "Cancel", execution: hint.execution }) ?? Effect.succeed(false))
      : Effect.void)
})

export const dispatching = Layer.effectDiscard(
  Effect.all([Effect.forkScoped(dispatch), Effect.forkScoped(forwardCancels)])
)
