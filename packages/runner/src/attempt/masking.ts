/**
 * Replaces the values of secrets in a stream of bytes, also where one is cut over several chunks. The result does not
 * depend on how the stream was cut: at each position the longest secret that matches is replaced.
 */

/** Shorter values occur by chance: masking them would destroy logs and tell what the value is. */
export const leastSecretBytes = 8

const substitute = Buffer.from("***")

export interface Mask {
  /** What of the stream so far is sure. Holds back at most one byte less than the longest secret. */
  readonly push: (bytes: Uint8Array) => Uint8Array
  /** What was held back, at the stream's end. */
  readonly end: () => Uint8Array
}

const nothing = new Uint8Array(0)

/** The values worth masking, longest first. */
export const maskable = (values: Iterable<string>): ReadonlyArray<Buffer> =>
  [...new Set(values)].map((value) => Buffer.from(value))
    .filter((secret) => secret.length >= leastSecretBytes)
    .sort((a, b) => b.length - a.length)

type Verdict = "no" | "undecided" | number

const judge = (secrets: ReadonlyArray<Buffer>, bytes: Buffer, at: number, final: boolean): Verdict => {
  for (const secret of secrets) {
    const length = Math.min(secret.length, bytes.length - at)
    if (bytes.compare(secret, 0, length, at, at + length) !== 0) continue
    if (length === secret.length) return length
    if (!final) return "undecided"
  }
  return "no"
}

const firstBytes = (secrets: ReadonlyArray<Buffer>): Uint8Array => {
  const table = new Uint8Array(256)
  for (const secret of secrets) table[secret[0]!] = 1
  return table
}

export const make = (secrets: ReadonlyArray<Buffer>): Mask => {
  if (secrets.length === 0) return { push: (bytes) => bytes, end: () => nothing }
  const starts = firstBytes(secrets)
  let held: Buffer = Buffer.alloc(0)

  const scan = (bytes: Buffer, final: boolean): Uint8Array => {
    const pieces: Array<Buffer> = []
    let from = 0
    let at = 0
    while (at < bytes.length) {
      const verdict = starts[bytes[at]!] === 1 ? judge(secrets, bytes, at, final) : "no"
      if (verdict === "undecided") break
      if (verdict === "no") {
        at++
        continue
      }
      pieces.push(bytes.subarray(from, at), substitute)
      at += verdict
      from = at
    }
    pieces.push(bytes.subarray(from, at))
    // A copy: the chunk it came from must not live on for its last few bytes.
    held = Buffer.from(bytes.subarray(at))
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
  }

  return {
    push: (bytes) => {
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      return scan(held.length === 0 ? chunk : Buffer.concat([held, chunk]), false)
    },
    end: () => scan(held, true)
  }
}
