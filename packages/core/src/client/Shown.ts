/**
 * What of the output has been handed over, so that a new attempt of the same execution goes on where the old one was cut:
 * its output is shown from the first byte that differs (design §4.4).
 */
import type { StreamName } from "../domain/LogFrame.ts"

/** Bytes remembered a stream. Beyond it a new attempt is taken to repeat the old one's bytes up to what was shown. */
const remembered = 4 * 1024 * 1024

class ShownStream {
  private kept = new Uint8Array(64 * 1024)
  /** Bytes that were handed over before, and are not known here. */
  private readonly unknown: number
  total: number

  constructor(before: number) {
    this.unknown = before
    this.total = before
  }

  /** The part of `bytes`, which begin at `offset` of the stream, that has not been shown yet. */
  fresh(offset: number, bytes: Uint8Array): Uint8Array {
    const overlap = Math.min(bytes.length, Math.max(0, this.total - offset))
    const same = this.commonPrefix(offset, bytes.subarray(0, overlap))
    if (same < overlap) this.total = offset + same
    const rest = bytes.subarray(same)
    this.remember(offset + same, rest)
    return rest
  }

  private commonPrefix(offset: number, bytes: Uint8Array): number {
    const known = Math.min(bytes.length, Math.max(0, Math.min(this.total, remembered) - offset))
    for (let i = Math.max(0, this.unknown - offset); i < known; i++) if (this.kept[offset + i] !== bytes[i]) return i
    return bytes.length
  }

  private remember(offset: number, bytes: Uint8Array): void {
    this.total = Math.max(this.total, offset + bytes.length)
    if (offset >= remembered) return
    const end = Math.min(remembered, offset + bytes.length)
    if (end > this.kept.length) {
      const larger = new Uint8Array(Math.min(remembered, Math.max(end, this.kept.length * 2)))
      larger.set(this.kept)
      this.kept = larger
    }
    this.kept.set(bytes.subarray(0, end - offset), offset)
  }
}

/** Both streams of one execution, over all its attempts. */
export class Shown {
  private readonly streams: Readonly<Record<StreamName, ShownStream>>

  /** Bytes of each that were handed over already: a new attempt is taken to repeat them. */
  constructor({ stderr, stdout }: Readonly<Record<StreamName, number>> = { stdout: 0, stderr: 0 }) {
    this.streams = { stdout: new ShownStream(stdout), stderr: new ShownStream(stderr) }
  }

  get totals(): Readonly<Record<StreamName, number>> {
    return { stdout: this.streams.stdout.total, stderr: this.streams.stderr.total }
  }

  fresh(stream: StreamName, offset: number, bytes: Uint8Array): Uint8Array {
    return this.streams[stream].fresh(offset, bytes)
  }
}
