/** Questions at a terminal. They stand on stderr, since stdout is for data. */
import * as Effect from "effect/Effect"
import { createInterface, type Interface } from "node:readline"
import { Writable } from "node:stream"

/** Whether somebody is there to answer. */
export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true

/** Takes what readline would show of the words that are typed. */
const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() })

/** Null when the terminal was closed instead (Ctrl+D). Ctrl+C is a signal, as everywhere. */
const line = (question: string, isSecret: boolean): Effect.Effect<string | null> =>
  Effect.callback((resume) => {
    const output = isSecret ? nowhere() : process.stderr
    const reader: Interface = createInterface({ input: process.stdin, output, terminal: true })
    // Only now does the terminal itself show nothing: whoever sees the question may type.
    if (isSecret) process.stderr.write(question)
    let isOver = false
    const leave = () => {
      isOver = true
      // Its own listener for this gives the terminal back.
      reader.close()
    }
    const end = (answer: string | null) => {
      if (isOver) return
      leave()
      if (isSecret || answer === null) process.stderr.write("\n")
      resume(Effect.succeed(answer))
    }
    reader.on("SIGINT", () => process.kill(process.pid, "SIGINT"))
    reader.once("close", () => end(null))
    reader.question(isSecret ? "" : question, (answer) => end(answer.trim()))
    return Effect.sync(() => {
      leave()
      process.stderr.write("\n")
    })
  })

export const ask = (question: string): Effect.Effect<string | null> => line(`${question}: `, false)

/** Nothing of the answer is shown. */
export const askSecret = (question: string): Effect.Effect<string | null> => line(`${question}: `, true)

/** Anything but a yes or a no is taken as `otherwise`. */
export const confirm = (question: string, otherwise: boolean): Effect.Effect<boolean> =>
  Effect.map(line(`${question} ${otherwise ? "[Y/n]" : "[y/N]"} `, false), (answer) => {
    if (/^y(es)?$/i.test(answer ?? "")) return true
    return answer === null || /^no?$/i.test(answer) ? false : otherwise
  })
