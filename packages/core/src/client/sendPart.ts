/**
 * One part of a file to a signed URL, as fast as it is taken. Node's own client does it: its `fetch` takes in all of a
 * body at once, whatever the speed of the other side, and four parts on their way would be 256 MiB of memory.
 */
import * as Effect from "effect/Effect"
import { createReadStream } from "node:fs"
import { request as overHttp } from "node:http"
import { request as overHttps } from "node:https"
import { coding, compressor } from "../api/compressing.ts"
import { InputChanged, ServerUnreachable } from "./errors.ts"
import { tries } from "./patience.ts"
import type { PartSource } from "./addressed.ts"

const chunkBytes = 256 * 1024

const framing = (size: number, compressed: boolean): Readonly<Record<string, string>> =>
  compressed ? { "content-encoding": coding } : { "content-length": String(size) }

/** Answers with the status. A file that became shorter, or can't be read any more, is not what was announced. */
export const sendPart = (
  url: URL,
  headers: Readonly<Record<string, string>>,
  { offset, path, size }: PartSource,
  compressed: boolean
): Effect.Effect<number, InputChanged | ServerUnreachable> =>
  Effect.callback((resume) => {
    const open = url.protocol === "https:" ? overHttps : overHttp
    const request = open(url, { method: "PUT", headers: { ...headers, ...framing(size, compressed) } })
    const file = createReadStream(path, { start: offset, end: offset + size - 1, highWaterMark: chunkBytes })
    const encoder = compressed ? compressor() : null
    const stopReading = () => {
      file.destroy()
      encoder?.destroy()
    }
    const stop = () => {
      stopReading()
      request.destroy()
    }
    const changed = () => {
      stop()
      resume(Effect.fail(new InputChanged({ path })))
    }
    request.on("response", (answer) => {
      const status = answer.statusCode ?? 0
      answer.on("close", () => resume(Effect.succeed(status)))
      // What is refused is not read to its end, and no other goes over a connection that may be closed for it.
      if (status < 300) answer.resume()
      else stop()
    })
    request.on("error", (cause) => {
      stopReading()
      resume(Effect.fail(new ServerUnreachable({ url: url.origin, detail: cause.message, tries })))
    })
    file.on("error", changed)
    file.on("end", () => {
      if (file.bytesRead < size) changed()
    })
    encoder?.on("error", (cause) => request.destroy(cause))
    if (encoder === null) file.pipe(request)
    else file.pipe(encoder).pipe(request)
    return Effect.sync(stop)
  })
