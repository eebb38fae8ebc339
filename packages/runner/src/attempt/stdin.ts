/** A script's stdin, fetched as the script reads it: from the cache, or from the server while it is still being sent. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { open } from "node:fs/promises"
import type { AttemptClient } from "./AttemptClient.ts"

const chunkBytes = 64 * 1024

/** These files, one after the other. They are pinned in the cache: that one can't be read is no case to plan for. */
export const fromFiles = (paths: ReadonlyArray<string>): Stream.Stream<Uint8Array> =>
  Stream.fromIterable(paths).pipe(Stream.flatMap(fromFile))

const fromFile = (path: string): Stream.Stream<Uint8Array> =>
  Stream.unwrap(Effect.gen(function*() {
    const file = yield* Effect.acquireRelease(
      Effect.promise(() => open(path, "r")),
      (handle) => Effect.promise(() => handle.close())
    )
    return Stream.paginate(0, (at) =>
      Effect.map(
        Effect.promise(() => file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, at)),
        ({ buffer, bytesRead }) => {
          const next = bytesRead === 0 ? Option.none<number>() : Option.some(at + bytesRead)
          return [bytesRead === 0 ? [] : [buffer.subarray(0, bytesRead)], next] as const
        }
      ))
  }))

/** From the first byte, in every attempt. A stale or lost attempt waits for its own end: an early one would be a lie. */
export const fromServer = (client: Pick<AttemptClient, "stdin">): Stream.Stream<Uint8Array> =>
  Stream.paginate(0, (offset) =>
    client.stdin(offset).pipe(
      Effect.map(({ bytes, ended, next }) =>
        [bytes.length === 0 ? [] : [bytes], ended ? Option.none<number>() : Option.some(next)] as const
      ),
      Effect.catch(() => Effect.never)
    ))
