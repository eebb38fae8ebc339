/**
 * Docker's own framing of an attached container without a terminal: `u8 stream, 3 zero bytes, u32be length, payload`.
 *
 * dockerode's `demuxStream` writes into two streams without heeding their backpressure and copies all bytes; this only
 * finds the pieces of stdout, as views of what came in, and leaves pausing to whoever reads.
 */

const stdout = 1

/** Takes the framing off chunks cut anywhere; yields the pieces of stdout. One per connection. */
export const unwrapStdout = (): (chunk: Uint8Array) => ReadonlyArray<Uint8Array> => {
  let header = Buffer.alloc(0)
  let missing = 0
  let stream = 0
  return (chunk) => {
    const pieces: Array<Uint8Array> = []
    for (let at = 0; at < chunk.length;) {
      if (missing === 0) {
        const end = Math.min(chunk.length, at + 8 - header.length)
        header = Buffer.concat([header, chunk.subarray(at, end)])
        at = end
        if (header.length < 8) break
        stream = header.readUInt8(0)
        missing = header.readUInt32BE(4)
        header = Buffer.alloc(0)
        continue
      }
      const end = Math.min(chunk.length, at + missing)
      if (stream === stdout) pieces.push(chunk.subarray(at, end))
      missing -= end - at
      at = end
    }
    return pieces
  }
}
