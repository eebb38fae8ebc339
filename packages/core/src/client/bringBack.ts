/**
 * Writes what a script made where it would have appeared: only below one directory, through no link, never into `.git` or
 * `.rgrid`, each file whole or not at all, whatever the server says (design §4.8).
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import { createHash, randomUUID } from "node:crypto"
import { chmod, lstat, mkdir, open, realpath, rename, rm, utimes } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import type { OutputList } from "../api/Executions.ts"
import type { Execution, Output } from "../domain/Execution.ts"
import { type FileContent, isWorkspacePath, type Sha256 } from "../domain/JobSpec.ts"
import { digestFile } from "./digest.ts"
import { type GridError, GridRefused, NotWritten, ServerUnreachable } from "./errors.ts"
import * as executions from "./executions.ts"
import { absolute, GridClient } from "./GridClient.ts"
import { patience } from "./patience.ts"

export interface BringBackOptions {
  /** Absolute; made when it is missing. */
  readonly directory: string
  /** What was sent from there, by path: a file changed here since then is not overwritten. */
  readonly inputs?: ReadonlyMap<string, Sha256>
}

export interface Written {
  /** Relative to the directory. */
  readonly path: string
  readonly bytes: number
}

export interface NotTaken {
  readonly path: string
  readonly reason: string
}

export interface BroughtBack {
  readonly written: ReadonlyArray<Written>
  /** Outputs that may not be written here, and why. */
  readonly refused: ReadonlyArray<NotTaken>
  /** Written beside a file that changed here meanwhile: the path asked for, and where it is instead. */
  readonly beside: ReadonlyArray<{ readonly path: string; readonly writtenTo: string }>
  /** Inputs the script removed there; they are still here. */
  readonly deleted: ReadonlyArray<string>
  readonly skipped: ReadonlyArray<NotTaken>
}

const parallel = 4

/** Names that other programs run or trust: a result that could be code is never placed there. */
const guarded = new Set([".git", ".rgrid"])

const refusalOfName = (path: string): string | null => {
  if (!isWorkspacePath(path) || path.includes("\\")) return "its path leads out of the directory"
  const hit = path.split("/").find((name) => guarded.has(name.toLowerCase().replace(/[. ]+$/, "")))
  return hit === undefined ? null : `results are never written into ${hit}`
}

const missing = (cause: unknown): null => {
  if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null
  throw cause
}

/** Walks down from the directory, making what is missing, and stops at anything that is no real directory. */
const enter = async (root: string, names: ReadonlyArray<string>): Promise<string | null> => {
  let here = root
  for (const name of names) {
    here = join(here, name)
    const status = await lstat(here).catch(missing)
    if (status === null) await mkdir(here).catch((cause) => lstat(here).then(() => undefined, () => Promise.reject(cause)))
    else if (!status.isDirectory()) return null
  }
  return (await realpath(here)) === here ? here : null
}

const attempt = <A>(path: string, act: () => Promise<A>): Effect.Effect<A, NotWritten> =>
  Effect.tryPromise({
    try: act,
    catch: (cause) => new NotWritten({ path, detail: cause instanceof Error ? cause.message : String(cause) })
  })

/** One part's bytes into an open file, verified. */
const fetchPart = Effect.fnUntraced(function*(list: OutputList, sha256: Sha256, write: (bytes: Uint8Array) => Promise<unknown>) {
  const grid = yield* GridClient
  const signed = list.parts[sha256]
  if (signed === undefined) return yield* new GridRefused({ detail: `it has no bytes for ${sha256}` })
  const hash = createHash("sha256")
  const unreachable = (detail: string) => new ServerUnreachable({ url: grid.connection.url, detail })
  const request = HttpClientRequest.get(absolute(grid, signed.url), { headers: signed.headers })
  yield* HttpClient.filterStatusOk(grid.http).execute(request).pipe(
    Effect.flatMap((response) =>
      Stream.runForEach(response.stream, (bytes) => {
        hash.update(bytes)
        return Effect.promise(() => write(bytes))
      })
    ),
    Effect.mapError((error) => unreachable(error.message))
  )
  if (hash.digest("hex") !== sha256) return yield* new GridRefused({ detail: `the bytes of ${sha256} are others` })
})

const fetchInto = Effect.fnUntraced(function*(list: OutputList, content: FileContent, temporary: string) {
  const file = yield* Effect.acquireRelease(
    attempt(temporary, () => open(temporary, "wx", 0o600)),
    (handle) => Effect.promise(() => handle.close())
  )
  let start = 0
  for (const sha256 of content.parts) {
    let at = start
    yield* Effect.suspend(() => {
      at = start
      return fetchPart(list, sha256, async (bytes) => {
        await file.write(bytes, 0, bytes.length, at)
        at += bytes.length
      })
    }).pipe(Effect.retry({ ...patience, while: (error) => error._tag === "ServerUnreachable" }))
    start = at
  }
  yield* attempt(temporary, () => file.truncate(start))
}, Effect.scoped)

/** Where to write: the path itself, or a name beside it when somebody changed the file here meanwhile. */
const target = Effect.fnUntraced(function*(path: string, output: Output, options: BringBackOptions) {
  const status = yield* attempt(path, () => lstat(path).catch(missing))
  if (status === null) return path
  if (!status.isFile()) return null
  const sent = options.inputs?.get(output.path)
  if (sent === undefined) return path
  const now = yield* digestFile(path).pipe(Effect.orElseSucceed(() => undefined))
  return now === undefined || now.sha256 === sent || now.sha256 === output.content?.sha256 ? path : `${path}.rgrid`
})

type Outcome =
  | { readonly _tag: "Written"; readonly written: Written; readonly beside: string | null }
  | { readonly _tag: "Refused"; readonly refused: NotTaken }

const refused = (path: string, reason: string): Outcome => ({ _tag: "Refused", refused: { path, reason } })

const writeFile = Effect.fnUntraced(
  function*(list: OutputList, output: Output, content: FileContent, folder: string, options: BringBackOptions) {
    const path = join(folder, basename(output.path))
    const place = yield* target(path, output, options)
    if (place === null) return refused(output.path, "something that is no file stands there")
    const temporary = join(folder, `.${basename(output.path)}.${randomUUID()}.part`.slice(-200))
    yield* fetchInto(list, content, temporary).pipe(
      Effect.andThen(attempt(output.path, async () => {
        await chmod(temporary, output.mode)
        await utimes(temporary, output.modifiedAt / 1000, output.modifiedAt / 1000)
        await rename(temporary, place)
      })),
      Effect.onError(() => Effect.promise(() => rm(temporary, { force: true })))
    )
    return {
      _tag: "Written",
      written: { path: output.path, bytes: content.size },
      beside: place === path ? null : `${output.path}.rgrid`
    } satisfies Outcome
  }
)

const bring = Effect.fnUntraced(function*(list: OutputList, output: Output, options: BringBackOptions, root: string) {
  const reason = refusalOfName(output.path)
  if (reason !== null) return refused(output.path, reason)
  const isDirectory = output.type === "directory"
  const names = (isDirectory ? output.path : dirname(output.path)).split("/").filter((name) => name !== ".")
  const folder = yield* attempt(output.path, () => enter(root, names))
  if (folder === null) return refused(output.path, "a link or a file stands where its directory should be")
  if (isDirectory || output.content === undefined) return null
  return yield* writeFile(list, output, output.content, folder, options)
})

/** Fetches all outputs of an ended execution. Stops at the first that can't be written; what was written stays, whole. */
export const bringBack: (
  execution: Execution,
  options: BringBackOptions
) => Effect.Effect<BroughtBack, GridError | NotWritten, GridClient> = Effect.fn("client.bringBack")(
  function*(execution: Execution, options: BringBackOptions) {
    const list = yield* executions.outputs(execution.id)
    const root = yield* attempt(options.directory, async () => {
      await mkdir(options.directory, { recursive: true })
      return realpath(options.directory)
    })
    const outcomes = yield* Effect.forEach(list.manifest.outputs, (output) => bring(list, output, options, root), {
      concurrency: parallel
    })
    const told = outcomes.filter((outcome) => outcome !== null)
    return {
      written: told.flatMap((outcome) => outcome._tag === "Written" ? [outcome.written] : []),
      refused: told.flatMap((outcome) => outcome._tag === "Refused" ? [outcome.refused] : []),
      beside: told.flatMap((outcome) =>
        outcome._tag === "Written" && outcome.beside !== null
          ? [{ path: outcome.written.path, writtenTo: outcome.beside }]
          : []
      ),
      deleted: list.manifest.deleted,
      skipped: list.manifest.skipped
    }
  }
)
