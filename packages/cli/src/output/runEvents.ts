/** What `rgrid run --json` and `rgrid logs --json` print: one event a line. */
import type { Output } from "rgrid/client/readLog"

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const textOf = (bytes: Uint8Array): string | null => {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

/** `text` where the bytes are UTF-8, else `base64`: nothing of them is lost. `time`: microseconds since 1970. */
export const outputEvent = ({ bytes, stream, time }: Output) => {
  const text = textOf(bytes)
  return {
    type: "output",
    stream,
    time,
    ...(text === null ? { base64: Buffer.from(bytes).toString("base64") } : { text })
  }
}
