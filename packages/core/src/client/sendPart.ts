/**
 * One part of a file to a signed URL, as fast as it is taken. Node's own client does it: its `fetch` takes in all of a
 * body at once, whatever the speed of the other side, and four parts on their way would be 256 MiB of memory.
 */
import * as Effect from "effect/Effect"
import { createReadStream } from "node:fs"
import { request as overHttp } from "node:http"
import { request as overHttps } from "node:https"
import { InputChanged, ServerUnreachable } from "./errors.ts"
import { tries } from "./patience.ts"
import type { PartSource } from "./addressed.ts"

const chunkBytes = 256 * 1024

/** Answers with the status. A file that became shorter, or can't be read any more, is not what was announced. */
export const sendPart = (
  url: URL,
  headers: Readonly<Record<string, string>>,
  { offset, path, size }: PartSource
): Effect.Effect<number, InputChanged | ServerUnreachable> =>
  Effect.callback((resume) => {
    const open = url.protocol === "https:" ? overHttps : overHttp
    const request = open(url, { method: "PUT", headers: { ...headers, "content-length": String(size) } })
    const file = createReadStream(path, { start: offset, end: offset + size - 1, highWaterMark: chunkBytes })
    const stop = () => {
      file.destroy()
      request.destroy()
    }
    const changed = () => {
      stop()
      resume(Effect.fail(new InputChanged({ path })))
    }
    request.on("response", (answer) => {
      answer.resume()
      answer.on("close", () => {
        // What is refused is not read to its end.
        if (!request.writableFinished) stop()
        resume(Effect.succeed(answer.statusCode ?? 0))
      })
    })
    request.on("error", (cause) => {
      file.destroy()
      resume(Effect.fail(new ServerUnreachable({ url: url.origin, detail: cause.message, tries })))
    })
    file.on("error", changed)
    file.on("end", () => {
      if (file.bytesRead < size) changed()
    })
    file.pipe(request)
    return Effect.sync(stop)
  })
