/** Sends the parts that a grid lacks, several at a time. */
import * as Effect from "effect/Effect"
import { open } from "node:fs/promises"
import { coding, isRefused, pays } from "../api/compressing.ts"
import { isPassing } from "../api/isPassing.ts"
import { mostAnew } from "../api/Caches.ts"
import type { MissingPart } from "../api/Executions.ts"
import type { Sha256 } from "../domain/JobSpec.ts"
import { forgetFile } from "./cache/addresses.ts"
import { type GridError, GridRefused, InputChanged, ServerUnreachable } from "./errors.ts"
import { absolute, GridClient } from "./GridClient.ts"
import { handPart } from "./handPart.ts"
import { patiently, tries } from "./patience.ts"
import type { PartSource } from "./addressed.ts"
import { sendPart } from "./sendPart.ts"

const compresses = (source: PartSource) => Effect.promise(() => pays(() => open(source.path), source))

const send = Effect.fnUntraced(function*(part: MissingPart, source: PartSource) {
  const grid = yield* GridClient
  if (source.size !== part.size) return yield* new InputChanged({ path: source.path })
  const { encodings, headers, url } = { ...part.put, url: absolute(grid, part.put.url) }
  if (yield* handPart(url, headers, source)) return
  const once = (compressed: boolean) => sendPart(new URL(url), headers, source, compressed)
  const compressed = !grid.connection.local && encodings?.includes(coding) === true && (yield* compresses(source))
  const first = yield* once(compressed)
  // What stands between may not know it, or spoil it.
  const status = compressed && isRefused(first) ? yield* once(false) : first
  if (status < 300) return
  if (isPassing(status)) {
    return yield* new ServerUnreachable({
      url: grid.connection.url,
      detail: `an upload was answered with ${status}`,
      tries
    })
  }
  // The bytes were not those announced: the file changed between hashing and sending.
  if (status === 422) {
    yield* forgetFile(source.path)
    return yield* new InputChanged({ path: source.path })
  }
  // 403: the link has expired, and another attempt has a new one.
  return yield* new GridRefused({
    detail: `an upload was answered with ${status}`,
    ...(status === 403 ? { passing: true } : {})
  })
})

/** By address, where the bytes of parts are here. */
export type Sources = ReadonlyMap<Sha256, PartSource>

/** `parallel`: parts at a time. */
export const sendMissing = (
  missing: ReadonlyArray<MissingPart>,
  sources: Sources,
  parallel: number
): Effect.Effect<void, GridError | InputChanged, GridClient> =>
  Effect.forEach(missing, (part) => {
    const source = sources.get(part.sha256)
    if (source === undefined) return Effect.fail(new GridRefused({ detail: `it asks for ${part.sha256}, unknown here` }))
    return patiently(send(part, source), (error) => error._tag === "ServerUnreachable")
  }, { concurrency: parallel, discard: true })

/** Sends once more what the grid has of these: for `--no-cache`, before the job that needs them. */
export const sendStored = Effect.fnUntraced(function*(sources: Sources, parallel: number) {
  const grid = yield* GridClient
  const parts = Array.from(sources, ([sha256, { size }]) => ({ sha256, size }))
  for (let from = 0; from < parts.length; from += mostAnew) {
    const payload = { parts: parts.slice(from, from + mostAnew) }
    const { stored } = yield* grid.ask(grid.api.caches.anew({ payload }))
    yield* sendMissing(stored, sources, parallel)
  }
})
