/** Runs a case's line, here or on the grid, and looks at what it left. */
import { spawn, type StdioOptions } from "node:child_process"
import { constants } from "node:os"
import type { Case } from "./Case.ts"
import type { Ran } from "./compare.ts"
import { layOut } from "./place.ts"
import { snapshot } from "./snapshot.ts"

/** What a program word in a line stands for. */
export type Meaning = (program: string, flags: string) => string

const limitMillis = 150_000

const spelled = (what: Case, meaning: Meaning): string =>
  what.line.replaceAll(
    /(?<![\w./-])(python3\.11|node|bash) (?!-)/g,
    (_, program: string) => `${meaning(program, what.flags ?? "")} `
  )

interface Ended {
  readonly exit: string
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** A shell says 128 + n of a program that signal n ended. */
const exitOf = (code: number | null, signal: NodeJS.Signals | null): string =>
  String(code ?? 128 + constants.signals[signal!])

/** Streams are pipes as in a shell (Node's own would be sockets, which can't be opened as /dev/stdout). */
const piped = 'bash -c "$0" > >(exec cat >&3) 2> >(exec cat >&4) 3>&- 4>&-'

const shell = (line: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Ended> =>
  new Promise((resolve) => {
    const stdio: StdioOptions = ["ignore", "ignore", "ignore", "pipe", "pipe"]
    const child = spawn("bash", ["-c", piped, line], { cwd, env, stdio, detached: true })
    const [out, err]: [Array<Buffer>, Array<Buffer>] = [[], []]
    child.stdio[3]!.on("data", (chunk: Buffer) => out.push(chunk))
    child.stdio[4]!.on("data", (chunk: Buffer) => err.push(chunk))
    let hung = false
    const timer = setTimeout(() => {
      hung = true
      process.kill(-child.pid!, "SIGKILL")
    }, limitMillis)
    child.on("close", (code, signal) => {
      clearTimeout(timer)
      const exit = hung ? "never" : exitOf(code, signal)
      resolve({ exit, stdout: Buffer.concat(out), stderr: Buffer.concat(err) })
    })
  })

export const execute = async (
  what: Case,
  root: string,
  env: Readonly<Record<string, string>>,
  meaning: Meaning
): Promise<Ran> => {
  const { cwd } = layOut(what, root)
  const began = Math.floor(Date.now() / 1000)
  const ended = await shell(spelled(what, meaning), cwd, { ...env, PWD: cwd, ...what.env })
  return { ...ended, tree: snapshot(root, began) }
}
