/** A file's content address. */
import * as Effect from "effect/Effect"
import { open } from "node:fs/promises"
import { digest, type Readable } from "../domain/digest.ts"
import type { FileContent } from "../domain/JobSpec.ts"

/** Fails with what the file system said. */
export const digestFile = (path: string): Effect.Effect<FileContent, NodeJS.ErrnoException> =>
  Effect.tryPromise({
    try: async (signal) => {
      const file = await open(path)
      // Without a position: it may be a pipe.
      const read: Readable["read"] = (into, offset, length) => file.read(into, offset, length)
      return digest({ read }, signal).finally(() => file.close())
    },
    catch: (cause) => cause as NodeJS.ErrnoException
  })
