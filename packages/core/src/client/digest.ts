/** A file's content address, from one pass over its bytes in memory of two chunks. */
import * as Effect from "effect/Effect"
import { type FileHandle, open } from "node:fs/promises"
import { ContentAddress } from "../domain/ContentAddress.ts"
import type { FileContent } from "../domain/JobSpec.ts"

// 1 MiB reads hash at 0.87 GB/s here, 64 KiB reads at 0.5.
const chunkBytes = 1024 * 1024

/** Made anew for each of ten thousand small files, they would take most of the time. */
const spare: Array<Buffer> = []

const withBuffers = async <A>(use: (buffers: readonly [Buffer, Buffer]) => Promise<A>): Promise<A> => {
  const [one, other] = [spare.pop() ?? Buffer.allocUnsafeSlow(chunkBytes), spare.pop() ?? Buffer.allocUnsafeSlow(chunkBytes)]
  try {
    return await use([one, other])
  } finally {
    spare.push(one, other)
  }
}

/** The next chunk is read while one is hashed. */
const digest = (file: FileHandle, signal: AbortSignal): Promise<FileContent> =>
  withBuffers(async ([one, other]) => {
    const address = new ContentAddress()
    let [filling, next] = [one, other]
    let reading = file.read(filling, 0, chunkBytes)
    for (;;) {
      const { bytesRead } = await reading
      signal.throwIfAborted()
      const chunk = filling.subarray(0, bytesRead)
      ;[filling, next] = [next, filling]
      if (bytesRead === chunkBytes) reading = file.read(filling, 0, chunkBytes)
      address.update(chunk)
      if (bytesRead < chunkBytes) return address.finish()
    }
  })

/** Fails with what the file system said. */
export const digestFile = (path: string): Effect.Effect<FileContent, NodeJS.ErrnoException> =>
  Effect.tryPromise({
    try: async (signal) => {
      const file = await open(path)
      return digest(file, signal).finally(() => file.close())
    },
    catch: (cause) => cause as NodeJS.ErrnoException
  })
