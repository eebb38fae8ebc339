/** What is piped into `rgrid run`, for the script to read. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { fstatSync, type Stats } from "node:fs"
import type { Stdin } from "rgrid/client/prepare"

/**
 * Who detaches won't be here to pass on what comes later, and a pipe that is open and silent (CI and editors start programs
 * so) must hang nothing: when not one byte came within this time, the script gets no stdin. Once something came, all of it
 * is waited for. Milliseconds.
 */
const silence = 200

const status = (): Stats | null => {
  try {
    return fstatSync(0)
  } catch {
    // Closed by whoever started us.
    return null
  }
}

const speaks: Effect.Effect<boolean> = Effect.callback((resume) => {
  const { stdin } = process
  const settle = (heard: boolean) => () => {
    clearTimeout(timer)
    stdin.off("readable", yes).off("end", no).off("error", no)
    // An open pipe that is listened to would keep the process from ending.
    if (!heard) stdin.destroy()
    resume(Effect.succeed(heard))
  }
  const yes = settle(true)
  const no = settle(false)
  const timer = setTimeout(no, silence)
  stdin.once("readable", yes).once("end", no).once("error", no)
})

const bytes = (): Stream.Stream<Uint8Array> =>
  Stream.fromAsyncIterable<Uint8Array, never>(process.stdin, (cause) => cause as never).pipe(
    Stream.orDie,
    // Nobody reads any more: an open pipe would keep the process from ending.
    Stream.ensuring(Effect.sync(() => process.stdin.destroy()))
  )

const whole = (): Stdin => ({ kind: "whole", bytes: bytes() })

/** All that comes, from a terminal too: whoever asks for it by name types it. */
export const all = whole

/** Whether something comes that nobody will read. */
export const unread: Effect.Effect<boolean> = Effect.suspend(() => {
  const file = status()
  if (file?.isFile() === true) return Effect.succeed(file.size > 0)
  if (file?.isFIFO() !== true && file?.isSocket() !== true) return Effect.succeed(false)
  return Effect.tap(speaks, () => Effect.sync(() => process.stdin.destroy()))
})

/** None for a terminal, `/dev/null` and an empty file. A pipe is passed on live, unless nobody stays to do it. */
export const piped = (detach: boolean): Effect.Effect<Stdin | undefined> =>
  Effect.suspend(() => {
    const file = status()
    if (file?.isFile() === true) return Effect.succeed(file.size > 0 ? whole() : undefined)
    if (file?.isFIFO() !== true && file?.isSocket() !== true) return Effect.succeed(undefined)
    return detach
      ? Effect.map(speaks, (heard) => heard ? whole() : undefined)
      : Effect.succeed<Stdin>({ kind: "live", bytes: bytes() })
  })
