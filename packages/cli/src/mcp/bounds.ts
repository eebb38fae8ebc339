/** What an assistant reads is paid by the letter, and has an end: the last of a text, the first of a file. */

/** Most bytes of text that one answer carries. */
export const mostBytes = 64 * 1024

export interface Bounded {
  readonly text: string
  /** All there is. */
  readonly totalBytes: number
  readonly truncated: boolean
}

/** `bytes`: those that the text stands for. It is longer than they are where they are no UTF-8. */
export interface Piece extends Bounded {
  readonly bytes: number
}

const decoder = new TextDecoder("utf-8")

const longestLetter = 4

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

/** Of the letter that begins with it. */
const lengthOf = (byte: number): number => byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1

const near = Array.from({ length: longestLetter }, (_, index) => index)

/** Behind a letter that is cut in two. */
const startAt = (bytes: Uint8Array, at: number): number =>
  at + (near.find((ahead) => !isContinuation(bytes[at + ahead])) ?? 0)

/** Before a letter that is cut in two. */
const endAt = (bytes: Uint8Array, at: number): number => {
  if (!isContinuation(bytes[at])) return at
  const back = near.find((back) => back > 0 && at >= back && !isContinuation(bytes[at - back])) ?? 0
  return lengthOf(bytes[at - back]!) > back ? at - back : at
}

/** A cut whose text, too, has at most so many bytes: signs in place of bytes that are no UTF-8 are longer than those. */
const fitting = (most: number, cut: (length: number) => Uint8Array): { readonly text: string; readonly bytes: number } => {
  for (let length = most;;) {
    const bytes = cut(length)
    const text = decoder.decode(bytes)
    const size = Buffer.byteLength(text)
    if (size <= most) return { text, bytes: bytes.length }
    length = Math.floor(bytes.length * most / size)
  }
}

const piece = (found: ReturnType<typeof fitting>, totalBytes: number): Piece => ({
  ...found,
  totalBytes,
  truncated: found.bytes < totalBytes
})

export const tail = (bytes: Uint8Array, most: number, totalBytes = bytes.length): Piece =>
  piece(fitting(most, (length) => bytes.subarray(startAt(bytes, Math.max(0, bytes.length - length)))), totalBytes)

export const head = (bytes: Uint8Array, most: number, totalBytes = bytes.length): Piece =>
  piece(fitting(most, (length) => bytes.subarray(0, endAt(bytes, Math.min(bytes.length, length)))), totalBytes)

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

  bounded(): Piece {
    return tail(Buffer.concat(this.chunks), this.most, this.total)
  }

  /** Where what is told begins. */
  begin({ bytes, totalBytes }: Piece): number {
    return totalBytes - bytes
  }
}

/** A letter, or what stands for as many bytes that are none. */
const enough = 3 * longestLetter

/** A stream from one byte on. Only what is asked for is held, however long it is. */
export class Window {
  private readonly chunks: Array<Uint8Array> = []
  private total = 0
  private readonly from: number
  private readonly most: number

  constructor(from: number, most: number) {
    this.from = from
    this.most = most
  }

  add(bytes: Uint8Array): void {
    const start = Math.max(0, this.from - this.total)
    const end = Math.min(bytes.length, this.from + Math.max(this.most, enough) + longestLetter - this.total)
    if (end > start) this.chunks.push(bytes.subarray(start, end))
    this.total += bytes.length
  }

  bounded(): Piece {
    const held = Buffer.concat(this.chunks)
    const asked = head(held, this.most)
    // Who reads on by less than a letter would never come on.
    const shown = asked.bytes === 0 ? head(held, enough) : asked
    return { ...shown, totalBytes: this.total, truncated: this.from + shown.bytes < this.total }
  }

  begin(): number {
    return this.from
  }
}
