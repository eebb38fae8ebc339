/**
 * Brings back what one member of a batch made: into a directory of the item's name, or beside all others' with that name
 * in front. What a failed one made is kept and marked by a note.
 */
import * as Effect from "effect/Effect"
import type { Execution } from "../../domain/Execution.ts"
import { bringBack, type BroughtBack } from "../bringBack.ts"
import type { GridError, NotWritten } from "../errors.ts"
import type { GridClient } from "../GridClient.ts"
import { mark } from "./mark.ts"

/** Where a batch's outputs go. One for all of its members. */
export interface Landing {
  /** Absolute; made when something is written. */
  readonly directory: string
  /** No directories: `<name>_<path>`, `/` in the path as `-`. */
  readonly flat: boolean
  /** Milliseconds since 1970: a file here that was changed or made since then is not overwritten. */
  readonly since: number
  /** Files written by members so far. */
  readonly taken: Set<string>
}

export const landing = (directory: string, flat: boolean, since: number): Landing => ({
  directory,
  flat,
  since,
  taken: new Set()
})

/** Members brought back at a time. */
export const parallelMembers = 4

const nothing: BroughtBack = { written: [], refused: [], beside: [], deleted: [], skipped: [] }

/** What is here already with the same bytes is not fetched again. A member without outputs costs no request. */
export const bringBackMember: (
  execution: Execution,
  landing: Landing
) => Effect.Effect<BroughtBack, GridError | NotWritten, GridClient> = Effect.fn("client.bringBackMember")(
  function*(execution: Execution, { directory, flat, since, taken }: Landing) {
    const below = { name: execution.batch?.name ?? execution.id, flat }
    const brought = execution.outputs.files === 0
      ? nothing
      : yield* bringBack(execution, { directory, since, below, taken })
    yield* mark(execution, directory, below, brought.written.length > 0).pipe(
      Effect.mapError((error) => error.of(execution.id))
    )
    return brought
  }
)
