/** Content addresses of what travels, and where the bytes behind each are on this machine. */
import * as Effect from "effect/Effect"
import { stat } from "node:fs/promises"
import { ContentAddress } from "../domain/ContentAddress.ts"
import { type FileContent, type InputFile, partBytes, type Sha256 } from "../domain/JobSpec.ts"
import { addressOfFile } from "./cache/addresses.ts"
import { InputRefused } from "./errors.ts"
import type { Found } from "./travel/Travelling.ts"

/** Where a part's bytes are on this machine. */
export interface PartSource {
  readonly path: string
  readonly offset: number
  readonly size: number
}

export const sourcesOf = (path: string, content: FileContent): ReadonlyArray<readonly [Sha256, PartSource]> =>
  content.parts.map((part, index) => {
    const offset = index * partBytes
    return [part, { path, offset, size: Math.min(partBytes, content.size - offset) }] as const
  })

/** Where its bytes are here. */
export const placeOf = ({ at, here }: Found): string => at ?? here

export const unreadable = (shown: string) => () => new InputRefused({ path: shown, reason: "unreadable" })

/** What was scanned is what is sent: its bytes are not read a second time. */
const addressOf = ({ bytes, here, there }: Found, fresh: boolean) =>
  bytes === undefined
    ? Effect.mapError(addressOfFile(here, { fresh }), unreadable(there))
    : Effect.sync(() => {
      const content = new ContentAddress()
      content.update(bytes)
      return content.finish()
    })

const age = (path: string, shown: string) =>
  Effect.tryPromise({
    try: async () => Number((await stat(path, { bigint: true })).mtimeNs) / 1e6,
    catch: unreadable(shown)
  })

/** In the order of `found`. */
export const addressed = Effect.fnUntraced(function*(found: ReadonlyArray<Found>, fresh: boolean) {
  const files = yield* Effect.forEach(
    found,
    Effect.fnUntraced(function*(file): Effect.fn.Return<InputFile, InputRefused> {
      const { mode, there } = file
      return { path: there, mode, modifiedAt: yield* age(placeOf(file), there), content: yield* addressOf(file, fresh) }
    }),
    { concurrency: 8 }
  )
  return { files, sources: found.flatMap((file, index) => sourcesOf(placeOf(file), files[index]!.content)) }
})
