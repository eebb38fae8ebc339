/** From what a person typed to a job: what travels, its addresses, and where its bytes are here. Nothing is sent yet. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { createWriteStream } from "node:fs"
import { open, readdir, readFile, stat } from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"
import { Writable } from "node:stream"
import { isEnvName, type JobSpec, jobSpec, type Sha256 } from "../domain/JobSpec.ts"
import { nearest } from "../domain/nearest.ts"
import { type Resolved, resolve as resolveRuntime } from "../runtimes/resolve.ts"
import { addressed, type PartSource, placeOf, sourcesOf, unreadable } from "./addressed.ts"
import type { Installing } from "./dependencies/Installing.ts"
import { digestFile } from "./digest.ts"
import {
  InputRefused,
  MalformedEnv,
  type PrepareError,
  RuntimeUndetected,
  RuntimeUnsuitable,
  ScriptMissing,
  ScriptNotAFile,
  type SyntaxRejected,
  UnknownRuntime
} from "./errors.ts"
import { picked } from "./picked.ts"
import { spoolDirectory, spooled } from "./spool.ts"
import { ofCaller, systemTimeZone, type Terminal } from "./surroundings.ts"
import { checkSyntax } from "./syntax.ts"
import { placeThere } from "./travel/place.ts"
import type { Found, Travelling } from "./travel/Travelling.ts"
import { maxSourceBytes } from "./travel/closure.ts"
import { travels } from "./travel/travels.ts"

export interface RunRequest {
  /** As typed. */
  readonly script: string
  readonly args: ReadonlyArray<string>
  /** Absolute. */
  readonly cwd: string
  /** Runtime name or image; absent: told by the script. */
  readonly runtime?: string
  readonly env: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
  /** Absent: no limit. */
  readonly timeoutSeconds?: number
  readonly cpu?: number
  readonly memoryBytes?: number
  /** Default `open`. */
  readonly network?: "open" | "none"
  /** Of a batch: `batch` lets its items follow each other in a slot. Default `execution`: one for each. */
  readonly isolation?: "execution" | "batch"
  /** Attempts made anew when the grid loses one; default 2. */
  readonly retries?: number
  /** Above what CI and git tell: `commit`, `ref`, `actor`, `workflow`, `run`. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Files and patterns that travel too, whatever the rules for guesses say. */
  readonly include?: ReadonlyArray<string>
  /** Nothing that is remembered is used: files are hashed and sent anew, dependencies built anew. Default `false`. */
  readonly noCache?: boolean
  /** The file of what is installed before; `none`: nothing is. Absent: found in the script, beside or above it. */
  readonly requirements?: string
  /** The terminal that shows the output, if one does. */
  readonly terminal?: Terminal
  readonly stdin?: Stdin | undefined
  /** The script, where it is no file here; `script` is then the name it has there. */
  readonly inline?: Found
  /** Files that travel besides, each in place of what is here for its path there. */
  readonly given?: ReadonlyArray<Found>
}

/** What the script reads on stdin: `whole` is read to its end before anything is sent, `live` while the script runs. */
export interface Stdin {
  readonly kind: "whole" | "live"
  readonly bytes: Stream.Stream<Uint8Array>
}

export interface Prepared {
  readonly spec: JobSpec
  /** Milliseconds since 1970, before anything was read: what changes here from then on is not what was sent. */
  readonly began: number
  readonly sources: ReadonlyMap<Sha256, PartSource>
  /** Sent even where the grid has it. */
  readonly anew?: true
  /** Of a job with `stdin: "streamed"`: what `client/stdin.ts` sends. */
  readonly liveStdin?: Stream.Stream<Uint8Array>
}

const firstLineOf = (start: Uint8Array): string =>
  Buffer.from(start.subarray(0, 512)).toString("latin1").split("\n", 1)[0] ?? ""

/** The script as a file that travels, and its first line. */
const findScript = Effect.fnUntraced(function*(request: RunRequest) {
  const { inline } = request
  if (inline !== undefined) return { found: inline, firstLine: firstLineOf(inline.bytes ?? new Uint8Array()) }
  const here = resolve(request.cwd, request.script)
  const status = yield* Effect.promise(() => stat(here).catch(() => null))
  if (status === null) {
    const siblings = yield* Effect.promise(() => readdir(dirname(here)).catch((): Array<string> => []))
    return yield* new ScriptMissing({ path: request.script, nearest: nearest(basename(here), siblings) })
  }
  if (!status.isFile()) return yield* new ScriptNotAFile({ path: request.script })
  const start = yield* Effect.tryPromise({
    try: () => status.size > maxSourceBytes ? readStart(here) : readFile(here),
    catch: () => new InputRefused({ path: request.script, reason: "unreadable" })
  })
  const found: Found = {
    here,
    there: placeThere(request.cwd, here),
    mode: status.mode & 0o777,
    size: status.size,
    reason: { _tag: "Script" },
    ...(status.size > maxSourceBytes ? {} : { bytes: start })
  }
  return { found, firstLine: firstLineOf(start) }
})

const readStart = async (path: string): Promise<Buffer> => {
  const file = await open(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(512), 0, 512, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

const chooseRuntime = (request: RunRequest, firstLine: string) => {
  const { script } = request
  const chosen = resolveRuntime({ path: script, firstLine }, request.runtime)
  if (Result.isSuccess(chosen)) return Effect.succeed(chosen.success)
  switch (chosen.failure._tag) {
    case "Undetected":
      return Effect.fail(new RuntimeUndetected({ script }))
    case "Unknown": {
      const { known, name, nearest } = chosen.failure
      return Effect.fail(new UnknownRuntime({ name, nearest, known }))
    }
    case "Unsuitable": {
      const { instead, runtime } = chosen.failure
      return Effect.fail(new RuntimeUnsuitable({ script, runtime, instead }))
    }
  }
}

/** stdin may be a pipe that can't be read twice, and a retry must read it again: it is spooled. */
const spool = Effect.fnUntraced(function*(stdin: Stream.Stream<Uint8Array>) {
  const path = join(yield* spoolDirectory("rgrid-stdin-"), "stdin")
  const pipe = () => Stream.toReadableStream(stdin).pipeTo(Writable.toWeb(createWriteStream(path, { mode: 0o600 })))
  // The pipe tells no side from the other; but no reading of stdin fails for want of room or permission.
  yield* Effect.mapError(spooled(pipe), (error) => (error.reason === "other" ? new InputRefused({ path: "stdin", reason: "unreadable" }) : error))
  return path
})

const checkEnv = (env: Readonly<Record<string, string>>) =>
  Effect.forEach(Object.entries(env), ([name, value]) =>
    isEnvName(name) && !value.includes("\0")
      ? Effect.void
      : Effect.fail(new MalformedEnv({ pair: name })), { discard: true })

export interface Plan {
  readonly runtime: Resolved
  readonly script: Found
  readonly travelling: Travelling
  readonly installing: Installing
}

const dependenciesOf = ({ cwd, requirements }: RunRequest, script: Found) =>
  Effect.flatMap(
    Effect.promise(() => import("./dependencies/find.ts")),
    ({ findDependencies }) => findDependencies({ cwd, script, requirements })
  )

/** As the job says it, and where its files are. */
const installs = Effect.fnUntraced(function*({ wanted }: Installing, anew: boolean) {
  if (wanted === null) return { spec: {}, sources: [] }
  const { addressedDependencies } = yield* Effect.promise(() => import("./dependencies/send.ts"))
  const { files, spec } = yield* addressedDependencies(wanted)
  const dependencies = anew ? { ...spec, fresh: true as const } : spec
  return { spec: { dependencies }, sources: files.flatMap(({ content, here }) => sourcesOf(here, content)) }
})

type Chosen = Pick<Plan, "runtime" | "script">

const choose = Effect.fnUntraced(function*(request: RunRequest): Effect.fn.Return<Chosen, PrepareError> {
  yield* checkEnv(request.env)
  yield* checkEnv(request.secrets)
  const { firstLine, found } = yield* findScript(request)
  return { runtime: yield* chooseRuntime(request, firstLine), script: found }
})

const planOf = Effect.fnUntraced(function*(request: RunRequest, chosen: Chosen): Effect.fn.Return<Plan, PrepareError> {
  const { args, cwd, given = [], include = [] } = request
  const installing = yield* dependenciesOf(request, chosen.script)
  const found = yield* travels({ cwd, args, include, script: chosen.script })
  const isGiven = new Set(given.map(({ there }) => there))
  const files = [...found.files.filter(({ there }) => !isGiven.has(there)), ...given]
  return { ...chosen, travelling: { ...found, files }, installing }
})

/** What a run would send, and where it would run. Nothing is hashed, stdin is not read. */
export const plan: (request: RunRequest) => Effect.Effect<Plan, PrepareError> = Effect.fn("client.plan")(function*(request) {
  return yield* planOf(request, yield* choose(request))
})

const checked = ({ runtime, script }: Chosen, request: RunRequest) =>
  checkSyntax(runtime.check(placeOf(script)), {
    cwd: request.cwd,
    script: request.script,
    ...(script.at === undefined ? {} : { at: script.at })
  })

/** What is told by CI or git, and above it what the caller gives. */
const labelsOf = ({ cwd, metadata }: RunRequest) =>
  Effect.promise(async () => ({ ...await (await import("./provenance.ts")).provenance(cwd), ...metadata }))

/** What is planned as a job, hashed, and without stdin. What can't work is refused here, before anything is sent. */
export const described = Effect.fnUntraced(function*(
  request: RunRequest,
  { installing, runtime, script, travelling }: Plan,
  checking?: Fiber.Fiber<void, SyntaxRejected>
) {
  const telling = yield* Effect.forkChild(labelsOf(request))
  const rejecting = checking ?? (yield* Effect.forkChild(checked({ runtime, script }, request)))
  const { files, sources } = yield* addressed(travelling.files, request.noCache === true)
  const toInstall = yield* installs(installing, request.noCache === true)
  yield* Fiber.join(rejecting)
  const spec = jobSpec({
    runtime: runtime.name,
    script: request.script,
    args: request.args,
    interpreter: runtime.interpreter,
    cwd: request.cwd,
    files,
    directories: travelling.directories,
    ...toInstall.spec,
    env: request.env,
    secrets: request.secrets,
    surroundings: ofCaller(process.env, systemTimeZone(), request.terminal),
    resources: picked(request, "cpu", "memoryBytes"),
    ...picked(request, "timeoutSeconds", "network", "isolation", "retries"),
    metadata: yield* Fiber.join(telling)
  })
  return { spec, sources: [...sources, ...toInstall.sources] }
})

/** The scope holds the spooled stdin. */
export const prepare: (request: RunRequest) => Effect.Effect<Prepared, PrepareError, Scope.Scope> = Effect.fn(
  "client.prepare"
)(function*(request: RunRequest) {
  const began = yield* Clock.currentTimeMillis
  const chosen = yield* choose(request)
  // A process of its own: it has looked by the time it is known what travels.
  const checking = yield* Effect.forkChild(checked(chosen, request))
  const { sources, spec } = yield* described(request, yield* planOf(request, chosen), checking)
  const live = request.stdin?.kind === "live"
  const stdinPath = request.stdin === undefined || live ? undefined : yield* spool(request.stdin.bytes)
  const stdin = stdinPath === undefined ? undefined : yield* Effect.mapError(digestFile(stdinPath), unreadable("stdin"))
  const ofStdin = stdin === undefined ? [] : sourcesOf(stdinPath!, stdin)
  return {
    spec: { ...spec, ...(live ? { stdin: "streamed" as const } : stdin === undefined ? {} : { stdin }) },
    began,
    sources: new Map([...sources, ...ofStdin]),
    ...(request.noCache === true ? { anew: true as const } : {}),
    ...(live ? { liveStdin: request.stdin!.bytes } : {})
  }
})
