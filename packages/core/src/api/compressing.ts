/**
 * Parts compressed on their way between machines (zstd, RFC 9659), where that pays. Only the transfer is another: parts
 * are addressed, measured and signed for as what they are uncompressed.
 */
import type { FileHandle } from "node:fs/promises"
import type { ZstdCompress, ZstdDecompress } from "node:zlib"
import { isPassing } from "./isPassing.ts"

/** As HTTP's headers have it. */
export const coding = "zstd"

/** Smaller parts are there as fast. */
const leastCompressed = 256 * 1024

/** Of what the samples were. At more, a network has to be slow for the time it saves. */
const leastGain = 3 / 4

const sampleBytes = 64 * 1024

/** Four parts are on their way at a time: to look harder for likeness costs time, and finds little. */
const level = 1

/** 8 MiB, the most that RFC 9659 has a decoder take: what a stream asks for is not to be had from our memory. */
const mostWindowLog = 23

/** Of decoded bytes at a time: each piece is a call. */
const chunkBytes = 128 * 1024

/** Loaded by who sends or takes something large, for it takes milliseconds. */
const zlib = () => process.getBuiltinModule("node:zlib")

/** Node has had it since 22.15; where others run this, not all have. */
export const canCompress = (): boolean => typeof zlib().createZstdCompress === "function"

interface Piece {
  readonly offset: number
  readonly limit: number
}

/** What of so many bytes is to be tried; nothing where compressing can't pay, or can't be done. */
export const samplesOf = (size: number): ReadonlyArray<Piece> =>
  size < leastCompressed || !canCompress()
    ? []
    : [0, Math.floor((size - sampleBytes) / 2), size - sampleBytes].map((offset) => ({ offset, limit: sampleBytes }))

const total = (pieces: ReadonlyArray<Uint8Array>): number => pieces.reduce((sum, { length }) => sum + length, 0)

const params = () => {
  const { ZSTD_c_checksumFlag, ZSTD_c_compressionLevel } = zlib().constants
  // With a checksum, for what is damaged on the way is then not taken for a file that changed.
  return { [ZSTD_c_compressionLevel]: level, [ZSTD_c_checksumFlag]: 1 }
}

/** Whether all of it is worth compressing, by its samples. */
export const shrinks = (samples: ReadonlyArray<Uint8Array>): boolean =>
  total(samples.map((sample) => zlib().zstdCompressSync(sample, { params: params() }))) < total(samples) * leastGain

const pieceOf = async (file: FileHandle, { limit, offset }: Piece): Promise<Uint8Array> => {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(limit), 0, limit, offset)
  return buffer.subarray(0, bytesRead)
}

/** Whether so many bytes of a file, from there on, are worth compressing. What can't be read is told of by who sends it. */
export const pays = async (
  open: () => Promise<FileHandle>,
  { offset, size }: { readonly offset: number; readonly size: number }
): Promise<boolean> => {
  const samples = samplesOf(size)
  const file = samples.length === 0 ? null : await open().catch(() => null)
  if (file === null) return false
  const pieces = samples.map((piece) => pieceOf(file, { ...piece, offset: offset + piece.offset }))
  return Promise.all(pieces).then(shrinks, () => false).finally(() => file.close())
}

export const compressor = (): ZstdCompress => zlib().createZstdCompress({ chunkSize: chunkBytes, params: params() })

export const decompressor = (): ZstdDecompress =>
  zlib().createZstdDecompress({
    chunkSize: chunkBytes,
    params: { [zlib().constants.ZSTD_d_windowLogMax]: mostWindowLog }
  })

/** Whether an `accept-encoding` has it. */
export const isAccepted = (header: string | undefined): boolean =>
  (header ?? "").split(",").some((one) => /^\s*zstd\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(one))

/** It may be the coding that was refused, by whatever stands between: the same bytes are sent as they are then. */
export const isRefused = (status: number): boolean => status === 501 || (status >= 400 && !isPassing(status))
