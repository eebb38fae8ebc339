/** A log by pages over plain HTTP: what is there, or, with `wait`, until the execution has ended. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { LogPage } from "../api/Executions.ts"
import type { LogFrame, StreamName } from "../domain/LogFrame.ts"
import type { GridError } from "./errors.ts"
import { GridClient } from "./GridClient.ts"

export interface Output {
  readonly _tag: "Output"
  readonly stream: StreamName
  readonly bytes: Uint8Array
  /** Microseconds since 1970. */
  readonly time: number
}

type Part =
  | { readonly _tag: "Attempt"; readonly attempt: number }
  | { readonly _tag: "Frames"; readonly frames: ReadonlyArray<LogFrame> }

export interface PageOptions {
  /** Where to begin; default: the newest attempt's first byte. */
  readonly from?: { readonly attempt: number; readonly offset: number }
  /** Seconds to wait for more before a page comes back empty; absent: stop at the end of what is there. */
  readonly wait?: number
}

interface At {
  readonly attempt: number
  readonly offset: number
}

const partsOf = (page: LogPage, at: At): ReadonlyArray<Part> => [
  ...(page.attempt === at.attempt ? [] : [{ _tag: "Attempt" as const, attempt: page.attempt }]),
  ...(page.segments.length === 0 ? [] : [{ _tag: "Frames" as const, frames: page.segments }])
]

const ask = Effect.fnUntraced(function*(id: string, at: At, wait: number | undefined) {
  const grid = yield* GridClient
  return yield* grid.ask(grid.api.executions.logs({
    params: { id },
    query: {
      ...(at.attempt === 0 ? {} : { attempt: at.attempt, offset: at.offset }),
      ...(wait === undefined ? {} : { wait })
    }
  }))
})

/** The newest attempt, when the one being read is over and was not the last. */
const newer = Effect.fnUntraced(function*(id: string, at: At) {
  const page = yield* ask(id, { attempt: 0, offset: 0 }, undefined)
  return page.attempt > at.attempt ? Option.some(page) : Option.none()
})

export const pages = (id: string, options: PageOptions = {}): Stream.Stream<Part, GridError, GridClient> =>
  Stream.paginate(options.from ?? { attempt: 0, offset: 0 }, (at: At) =>
    Effect.gen(function*() {
      const page = yield* ask(id, at, options.wait)
      const next = { attempt: page.attempt, offset: page.next }
      const parts = partsOf(page, at)
      if (!page.ended && (options.wait !== undefined || page.segments.length > 0)) return [parts, Option.some(next)]
      const later = options.wait === undefined ? Option.none() : yield* newer(id, next)
      return [parts, Option.map(later, (found): At => ({ attempt: found.attempt, offset: 0 }))]
    }))

/** The newest attempt's output as far as it is there now. */
export const readLog = (id: string): Stream.Stream<Output, GridError, GridClient> =>
  pages(id).pipe(
    Stream.flatMap((part) => Stream.fromIterable(part._tag === "Frames" ? part.frames : [])),
    Stream.map((frame) => ({ _tag: "Output", stream: frame.stream, bytes: frame.bytes, time: frame.time }))
  )
