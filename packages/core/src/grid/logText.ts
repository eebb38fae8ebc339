/** A log as the script wrote it: bytes alone, for who needs neither times nor a place to resume. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { isFinal } from "../domain/ExecutionState.ts"
import type { AccountId, ExecutionId } from "../domain/Id.ts"
import type { StreamName } from "../domain/LogFrame.ts"
import { ExecutionStore } from "../ports/ExecutionStore.ts"
import { type Page, readLog } from "./readLog.ts"

export interface TextRequest {
  /** Absent: both, as they came. */
  readonly stream?: StreamName
  /** Goes on until the execution has ended. When an attempt is lost, the next one's log follows from its beginning. */
  readonly follow?: boolean
}

interface Position {
  readonly attempt?: number
  readonly offset: number
}

const longest = Duration.seconds(20)

/** Fails before the first byte when there is no such execution. */
export const logText = Effect.fn("grid.logText")(
  function*(account: AccountId, id: ExecutionId, { follow = false, stream }: TextRequest) {
    const behind = Effect.fnUntraced(function*({ attempt, ended, next, segments }: Page) {
      const here: Position = { offset: next, ...(attempt === 0 ? {} : { attempt }) }
      if (!ended) return follow || segments.length > 0 ? here : null
      const execution = yield* ExecutionStore.use((store) => store.find(account, id))
      if (attempt < execution.attempt) return follow ? { attempt: execution.attempt, offset: 0 } : null
      return isFinal(execution.state) ? null : here
    })
    const read = Effect.fnUntraced(function*(at: Position) {
      const page = yield* readLog(account, id, { ...at, ...(follow ? { wait: longest } : {}) })
      const wanted = page.segments.filter((segment) => stream === undefined || segment.stream === stream)
      return [wanted.map(({ bytes }) => bytes), Option.fromNullOr(yield* behind(page))] as const
    })
    yield* ExecutionStore.use((store) => store.find(account, id))
    return Stream.paginate<
      Position,
      Uint8Array,
      Effect.Error<ReturnType<typeof read>>,
      Effect.Services<ReturnType<typeof read>>
    >({ offset: 0 }, read)
  }
)
