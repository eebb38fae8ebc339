/**
 * The terminal of a live view: drawn on stderr, read by the key. Reading by the key takes the terminal's own meaning from
 * Ctrl+C and Ctrl+Z, which is given back here. However this program ends, Node puts the terminal back as it was.
 */
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import * as Effect from "effect/Effect"
import type * as Queue from "effect/Queue"
import type { UserInput } from "effect/Terminal"
import * as stdio from "../output/stdio.ts"

/** Node tells no size of some terminals. */
const assumed = { columns: 80, rows: 24 }

export const size = () => ({
  columns: process.stderr.columns || assumed.columns,
  rows: process.stderr.rows || assumed.rows
})

export const write = (text: string): Effect.Effect<void> => text === "" ? Effect.void : Effect.ignore(stdio.stderr(text))

/** Whether lines can be drawn over again here. */
export const canDraw = (): boolean => stdio.isWatched() && process.env["TERM"] !== "dumb"

const canType = (): boolean => process.stdin.isTTY === true

/** The keys that are pressed until the scope ends; null where nobody can press any. */
export const keys = Effect.suspend(() =>
  canType()
    ? Effect.flatMap(NodeTerminal.make(() => false), (terminal) => terminal.readInput)
    : Effect.succeed(null)
)

export type Keys = Queue.Dequeue<UserInput, unknown>

/** A signal for all that was started by one line in the shell, as the terminal itself sends it. */
const toAll = (signal: NodeJS.Signals) => Effect.sync(() => void process.kill(0, signal))

/** What Ctrl+C does elsewhere. */
export const interrupt = toAll("SIGINT")

const setRaw = (isRaw: boolean) => Effect.sync(() => void process.stdin.setRawMode(isRaw))

/** Longer than a signal to oneself takes. */
const stopping = "100 millis"

/**
 * What Ctrl+Z does elsewhere. The shell finds its terminal as it left it. Where there is no shell to go back to, nothing
 * stops, and keys are read as before.
 */
export const suspend = setRaw(false).pipe(
  Effect.andThen(toAll("SIGTSTP")),
  Effect.andThen(Effect.sleep(stopping)),
  Effect.andThen(setRaw(true))
)

/** Runs `again` when the terminal has another size, and when the program was stopped and goes on. */
export const onChange = (again: (what: "resized" | "resumed") => void) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const resized = () => again("resized")
      const resumed = () => {
        // Whatever the shell did to the terminal meanwhile: Node itself would take it to be as it was.
        if (canType()) process.stdin.setRawMode(false).setRawMode(true)
        again("resumed")
      }
      process.stderr.on("resize", resized)
      process.on("SIGCONT", resumed)
      return { resized, resumed }
    }),
    ({ resized, resumed }) =>
      Effect.sync(() => {
        process.stderr.off("resize", resized)
        process.off("SIGCONT", resumed)
      })
  )
