/** Asks an interpreter of this machine whether a script can be read at all, before anything is sent. */
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { constants } from "node:fs"
import { access, open, readFile, stat } from "node:fs/promises"
import { delimiter, isAbsolute, join, resolve } from "node:path"
import type { SyntaxCheck } from "../ports/RuntimeProvider.ts"
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

const isNeedless = async (path: string, check: SyntaxCheck): Promise<boolean> => {
  if ((await stat(path)).size > longest) return true
  return check.needless !== undefined && check.needless(await readFile(path, "utf8"))
}

/** What it says on stderr when it rejects the script; null for every other end. */
const ask = (program: string, check: SyntaxCheck, cwd: string, signal: AbortSignal): Promise<string | null> =>
  new Promise((done) => {
    const child = execFile(program, [...check.args], { cwd, signal, timeout: patience }, (error, _stdout, stderr) =>
      done(error !== null && error.code === check.rejects && stderr !== "" ? stderr : null)
    )
    child.stdin?.end()
  })

const judge = async (
  check: SyntaxCheck,
  { cwd, script }: { readonly cwd: string; readonly script: string },
  signal: AbortSignal
): Promise<string | null> => {
  if (await isNeedless(resolve(cwd, script), check)) return null
  const program = await find(check.programs)
  return program === null ? null : ask(program, check, cwd, signal)
}

/** Fails only when the interpreter itself says so; whatever else goes wrong here tells nothing of the script. */
export const checkSyntax = Effect.fnUntraced(function*(
  check: SyntaxCheck | null,
  request: { readonly cwd: string; readonly script: string }
) {
  if (check === null) return
  const text = yield* Effect.promise((signal) => judge(check, request, signal).catch(() => null))
  if (text === null) return
  return yield* new SyntaxRejected({ script: request.script, text, exitCode: check.exitCode })
})
