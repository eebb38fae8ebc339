/** What an assistant reads is paid by the letter, and has an end: the last of a text, the first of a file. */

/** Most bytes of text that one answer carries. */
export const mostBytes = 64 * 1024

export interface Bounded {
  readonly text: string
  /** All there is. */
  readonly totalBytes: number
  readonly truncated: boolean
}

const decoder = new TextDecoder("utf-8")

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

/** No letter is cut in two. */
const startAt = (bytes: Uint8Array, at: number): number => isContinuation(bytes[at]) ? startAt(bytes, at + 1) : at
const endAt = (bytes: Uint8Array, at: number): number => at > 0 && isContinuation(bytes[at]) ? endAt(bytes, at - 1) : at

export const tail = (bytes: Uint8Array, most: number, totalBytes = bytes.length): Bounded => ({
  text: decoder.decode(bytes.subarray(startAt(bytes, Math.max(0, bytes.length - most)))),
  totalBytes,
  truncated: totalBytes > most
})

export const head = (bytes: Uint8Array, most: number, totalBytes = bytes.length): Bounded => ({
  text: decoder.decode(bytes.subarray(0, endAt(bytes, Math.min(bytes.length, most)))),
  totalBytes,
  truncated: totalBytes > most
})

/** The last bytes of a stream that may be long: no more than twice as many are held. */
export class Tail {
  private chunks: Array<Uint8Array> = []
  private held = 0
  private total = 0
  private readonly most: number

  constructor(most: number) {
    this.most = most
  }

  add(bytes: Uint8Array): void {
    this.chunks.push(bytes)
    this.held += bytes.length
    this.total += bytes.length
    if (this.held > 2 * this.most) {
      const last = Buffer.concat(this.chunks).subarray(-this.most)
      this.chunks = [last]
      this.held = last.length
    }
  }

  bounded(): Bounded {
    return tail(Buffer.concat(this.chunks), this.most, this.total)
  }
}
