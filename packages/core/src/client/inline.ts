/** Scripts and files that a program has in its hands: put where a retry can read them again. */
import * as Effect from "effect/Effect"
import { mkdir, stat, writeFile } from "node:fs/promises"
import { dirname, join, relative, resolve, sep } from "node:path"
import { InputRefused, type NotWritten, RuntimeUndetected } from "./errors.ts"
import { spoolDirectory, spooled } from "./spool.ts"
import { refusal } from "./travel/place.ts"
import type { Found } from "./travel/Travelling.ts"
import { walk } from "./travel/walk.ts"
import { isWorkspacePath } from "../domain/JobSpec.ts"
import { providers } from "../runtimes/providers.ts"

/** Bytes of a file that travels: as they are, as text (UTF-8), or of a file or directory here. */
export type InputContent = Uint8Array | string | { readonly path: string }

/** A script that is no file here. */
export interface InlineCode {
  /** Its source. */
  readonly code: string | Uint8Array
  /** The file it is there, which tells its language. Default: `main` with the ending of `runtime`'s language. */
  readonly name?: string
  /** Its arguments. Default: none. */
  readonly args?: ReadonlyArray<string>
}

const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === "string" ? Buffer.from(content, "utf8") : content

/** Only names inside the working directory: what is given by a program stands nowhere else. */
const checkPath = (path: string) =>
  isWorkspacePath(path) ? Effect.void : Effect.fail(new InputRefused({ path, reason: "outside" }))

const put = (directory: string, path: string, bytes: Uint8Array) =>
  spooled(async () => {
    const at = join(directory, path)
    await mkdir(dirname(at), { recursive: true })
    await writeFile(at, bytes, { mode: 0o600 })
    return at
  })

/** By the runtime's language; none for an image that says nothing of it. */
const endingOf = (runtime: string): string | undefined => {
  const family = runtime.slice(runtime.lastIndexOf("/") + 1).split(/[:@]/, 1)[0]
  return providers.find(({ language }) => language === family)?.endings[0]
}

const nameOf = Effect.fnUntraced(function*({ code, name }: InlineCode, runtime: string | undefined) {
  if (name !== undefined) return name
  const ending = runtime === undefined ? undefined : endingOf(runtime)
  const isProgram = Buffer.from(bytesOf(code).subarray(0, 2)).toString("latin1") === "#!"
  if (ending === undefined && !isProgram) return yield* new RuntimeUndetected({ script: "the code" })
  return `main${ending ?? ""}`
})

/** Stands in the working directory as a file of its name would. */
export const inlineScript = Effect.fnUntraced(function*(inline: InlineCode, cwd: string, runtime: string | undefined) {
  const name = yield* nameOf(inline, runtime)
  yield* checkPath(name)
  const bytes = bytesOf(inline.code)
  const at = yield* put(yield* spoolDirectory("rgrid-code-"), name, bytes)
  const found: Found = {
    here: resolve(cwd, name),
    there: name,
    at,
    mode: 0o755,
    size: bytes.length,
    reason: { _tag: "Script" },
    bytes
  }
  return found
})

const ofPath = Effect.fnUntraced(function*(there: string, path: string, cwd: string) {
  const here = resolve(cwd, path)
  const status = yield* Effect.promise(() => stat(here).catch(() => null))
  if (status === null) return yield* new InputRefused({ path, reason: "missing" })
  const reason = refusal(here)
  if (reason !== null && (status.isDirectory() || reason === "keys")) return yield* new InputRefused({ path, reason })
  if (!status.isFile() && !status.isDirectory()) return yield* new InputRefused({ path, reason: "special" })
  const { files } = status.isFile() ? { files: [{ here, status }] } : yield* Effect.tryPromise({
    try: () => walk(here),
    catch: () => new InputRefused({ path, reason: "unreadable" })
  })
  return files.map((file): Found => ({
    here: file.here,
    there: file.here === here ? there : `${there}/${relative(here, file.here).split(sep).join("/")}`,
    mode: file.status.mode & 0o777,
    size: file.status.size,
    reason: { _tag: "Include", pattern: there }
  }))
})

const ofBytes = Effect.fnUntraced(function*(directory: string, there: string, content: string | Uint8Array) {
  const bytes = bytesOf(content)
  const here = yield* put(directory, there, bytes)
  const found: Found = { here, there, mode: 0o644, size: bytes.length, reason: { _tag: "Include", pattern: there } }
  return [found]
})

export const givenFiles = Effect.fnUntraced(function*(inputs: Readonly<Record<string, InputContent>>, cwd: string) {
  const entries = Object.entries(inputs)
  if (entries.length === 0) return []
  yield* Effect.forEach(entries, ([path]) => checkPath(path), { discard: true })
  const directory = yield* spoolDirectory("rgrid-inputs-")
  const one = ([there, content]: [string, InputContent]): Effect.Effect<ReadonlyArray<Found>, InputRefused | NotWritten> =>
    typeof content === "string" || content instanceof Uint8Array
      ? ofBytes(directory, there, content)
      : ofPath(there, content.path, cwd)
  const found = yield* Effect.forEach(entries, one, { concurrency: 8 })
  return found.flat()
})
