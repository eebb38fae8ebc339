/** Asks an interpreter of this machine whether a script can be read at all, before anything is sent. */
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { constants } from "node:fs"
import { access, open, readFile, stat } from "node:fs/promises"
import { delimiter, isAbsolute, join, resolve } from "node:path"
import type { SyntaxCheck } from "../ports/RuntimeProvider.ts"
import { passed, rememberPassed } from "./cache/verdicts.ts"
import { SyntaxRejected } from "./errors.ts"

/** A longer script takes longer to be read than to be sent. Bytes. */
const longest = 1024 * 1024

/** Milliseconds. Who is not done by then is not waited for: the grid will tell. */
const patience = 2000

/** A program that is itself a script (a version manager's shim) is slow, and may give any version. */
const isProgram = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.X_OK)
    const file = await open(path)
    try {
      const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
      return buffer.toString("latin1") !== "#!"
    } finally {
      await file.close()
    }
  } catch {
    return false
  }
}

const find = async (programs: ReadonlyArray<string>): Promise<string | null> => {
  const directories = (process.env["PATH"] ?? "").split(delimiter).filter(isAbsolute)
  const places = programs.flatMap((name) => isAbsolute(name) ? [name] : directories.map((path) => join(path, name)))
  for (const place of places) if (await isProgram(place)) return place
  return null
}

/** Null: it is not asked about. */
const textOf = async (path: string, check: SyntaxCheck): Promise<string | null> => {
  if ((await stat(path)).size > longest) return null
  const text = await readFile(path, "latin1")
  return check.needless?.(Buffer.from(text, "latin1").toString()) === true ? null : text
}

interface Answer {
  /** What it says on stderr when it rejects the script; null for every other end. */
  readonly rejection: string | null
  readonly passed: boolean
}

const ask = (program: string, check: SyntaxCheck, cwd: string, signal: AbortSignal): Promise<Answer> =>
  new Promise((done) => {
    const child = execFile(program, [...check.args], { cwd, signal, timeout: patience }, (error, _stdout, stderr) =>
      done({
        rejection: error !== null && error.code === check.rejects && stderr !== "" ? stderr : null,
        passed: error === null
      })
    )
    child.stdin?.end()
  })

const judge = async (
  check: SyntaxCheck,
  { at, cwd }: { readonly cwd: string; readonly at: string },
  signal: AbortSignal
): Promise<string | null> => {
  const [text, program] = await Promise.all([textOf(at, check), find(check.programs)])
  if (text === null || program === null) return null
  const { mtimeMs, size } = await stat(program)
  const question = [program, `${mtimeMs}`, `${size}`, ...check.args, text]
  if (await passed(question)) return null
  const answer = await ask(program, check, cwd, signal)
  if (answer.passed) await rememberPassed(question)
  return answer.rejection
}

/** Fails only when the interpreter itself says so; whatever else goes wrong here tells nothing of the script. */
export const checkSyntax = Effect.fnUntraced(function*(
  check: SyntaxCheck | null,
  { at, cwd, script }: { readonly cwd: string; readonly script: string; readonly at?: string }
) {
  if (check === null) return
  const place = at ?? resolve(cwd, script)
  const text = yield* Effect.promise((signal) => judge(check, { cwd, at: place }, signal).catch(() => null))
  if (text === null) return
  // What is no file here is known by its name only.
  const told = at === undefined ? text : text.replaceAll(at, script)
  return yield* new SyntaxRejected({ script, text: told, exitCode: check.exitCode })
})
