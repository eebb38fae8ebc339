/** The bytes of results, part by part, each verified; a link that expired on the way is asked for anew. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import { isPassing } from "../../api/isPassing.ts"
import type { OutputList } from "../../api/Executions.ts"
import { Arrival } from "../../domain/Arrival.ts"
import type { ExecutionId } from "../../domain/Id.ts"
import type { Sha256 } from "../../domain/JobSpec.ts"
import { type GridError, GridRefused, type NotWritten, ServerUnreachable } from "../errors.ts"
import * as executions from "../executions.ts"
import { type Answered, getPart } from "../getPart.ts"
import { GridClient } from "../GridClient.ts"
import { patiently, tries } from "../patience.ts"
import { onDisk } from "./files.ts"

/** Where the parts of an execution's results are, for as long as it takes. */
export interface Links {
  readonly execution: ExecutionId
  parts: OutputList["parts"]
  /** Parts on their way at a time, of whichever files. */
  readonly turns: Semaphore.Semaphore
}

interface Part {
  readonly sha256: Sha256
  readonly size: number
}

/** Where a part's bytes go. */
export interface Sink {
  /** What a person is told of. */
  readonly shown: string
  readonly write: (bytes: Uint8Array, at: number) => Promise<void>
}

class Expired extends Schema.TaggedError<Expired>()("Expired", {}) {}

const refused = (detail: string) => new GridRefused({ detail })

const meaning = (url: string, sha256: Sha256) => ({ status }: Answered) => {
  if (status === 403) return new Expired()
  return isPassing(status)
    ? new ServerUnreachable({ url, detail: `a download was answered with ${status}`, tries })
    : refused(`it answered ${status} to a request for ${sha256}`)
}

const once = Effect.fnUntraced(function*(links: Links, part: Part, sink: Sink) {
  const grid = yield* GridClient
  const { sha256 } = part
  const signed = links.parts[sha256]
  if (signed === undefined) return yield* refused(`it has no bytes for ${sha256}`)
  const others = () => refused(`the bytes of ${sha256} are others`)
  const arrival = new Arrival(part, sink.write)
  yield* getPart(grid, signed, sha256).pipe(
    Stream.runForEachArray((chunks): Effect.Effect<void, NotWritten | GridRefused> =>
      // More than was announced would run into the next part, and fill the disk.
      arrival.fits(chunks) ? onDisk(sink.shown, () => arrival.add(chunks)) : Effect.fail(others())),
    Effect.catchTag("Answered", (answered) => Effect.fail(meaning(grid.connection.url, sha256)(answered)))
  )
  if (!(yield* onDisk(sink.shown, () => arrival.finish()))) return yield* others()
})

const renew = (links: Links) =>
  Effect.map(executions.outputs(links.execution), ({ parts }) => {
    links.parts = parts
  })

/** One part into the sink, from its first byte again after each lost connection. */
export const fetchPart = (
  links: Links,
  part: Part,
  sink: Sink
): Effect.Effect<void, GridError | NotWritten, GridClient> => {
  const one = once(links, part, sink)
  return one.pipe(
    Effect.catchTag("Expired", () => Effect.andThen(renew(links), one)),
    Effect.catchTag("Expired", () => Effect.fail(refused(`it gives no access to ${part.sha256}`))),
    (fetching) => patiently(fetching, (error) => error._tag === "ServerUnreachable"),
    links.turns.withPermit
  )
}
