/** Any text as the name of a folder that every system takes. */
import { createHash } from "node:crypto"

/** Leaves room below the 255 bytes of most file systems for what a download puts behind it. */
export const longestName = 200

/** What Windows takes for a device, whatever its ending. */
const devices = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i

// Control characters, separators and what Windows refuses.
// oxlint-disable-next-line no-control-regex
const unsafe = /[\u0000-\u001f\u007f-\u009f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]+/g
// Before `unsafe` is replaced: a minus is part of a value.
const around = new RegExp(`^(?:${unsafe.source}|[. ])+|(?:${unsafe.source}|[. ])+$`, "g")

const bytes = (text: string): number => Buffer.byteLength(text)

/** The first `most` bytes, between two characters. */
const cut = (text: string, most: number): string => {
  const buffer = Buffer.from(text)
  let end = most
  while (end > 0 && (buffer[end]! & 0xc0) === 0x80) end--
  return buffer.toString("utf8", 0, end)
}

/** Shortened to `most` bytes; what differs behind them differs still. */
export const shortened = (name: string, most: number): string => {
  if (bytes(name) <= most) return name
  const mark = createHash("sha256").update(name).digest("hex").slice(0, 8)
  return `${cut(name, most - mark.length - 1).replace(/[. ]+$/, "")}-${mark}`
}

export const safeName = (text: string): string => {
  const bare = text.toWellFormed().normalize("NFC").replace(around, "").replace(unsafe, "-")
  const name = bare === "" ? "item" : bare.replace(devices, "_$&")
  return shortened(name, longestName)
}
