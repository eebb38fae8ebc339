/** The only place that writes to the terminal: bytes as they are, no faster than they are read. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { marked } from "./style.ts"

/** Whoever read our output went away (`rgrid logs … | head`): nothing went wrong, and nothing more is to be said. */
export class PipeClosed extends Schema.TaggedError<PipeClosed>()("PipeClosed", {}) {}

// Without a listener a closed pipe is an uncaught exception; each write learns of it from its own callback.
process.stdout.on("error", () => undefined)
process.stderr.on("error", () => undefined)

const write = (stream: NodeJS.WriteStream, data: Uint8Array | string): Effect.Effect<void, PipeClosed> =>
  Effect.callback((resume) => {
    stream.write(data, (error) => resume(error ? Effect.fail(new PipeClosed()) : Effect.void))
  })

export const stdout = (data: Uint8Array | string) => write(process.stdout, data)
export const stderr = (data: Uint8Array | string) => write(process.stderr, data)

/** RGrid's own words. Lost when nobody reads them. */
export const say = (line: string): Effect.Effect<void> => Effect.ignore(stderr(`${marked(line, process.stderr)}\n`))

/** Whether somebody looks at RGrid's own words. */
export const isWatched = (): boolean => process.stderr.isTTY

/** Words nobody needs: only for a terminal. */
export const mention = (line: string): Effect.Effect<void> =>
  Effect.suspend(() => isWatched() ? say(line) : Effect.void)

/** One JSON document. */
export const json = (value: unknown): Effect.Effect<void, PipeClosed> => stdout(`${JSON.stringify(value, null, 2)}\n`)

/** One line of JSON, of many. */
export const jsonLine = (value: unknown): Effect.Effect<void, PipeClosed> => stdout(`${JSON.stringify(value)}\n`)
