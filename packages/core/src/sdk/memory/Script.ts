/** What a test says in place of a script, and how it becomes how an execution ended. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { ClientError } from "../../client/errors.ts"
import { picked } from "../../client/picked.ts"
import { lastLines } from "../../domain/causes/lastLines.ts"
import { recognise } from "../../domain/causes/recognise.ts"
import type { Failure } from "../../domain/Failure.ts"
import { isWorkspacePath } from "../../domain/JobSpec.ts"
import type { Wanted } from "../job.ts"
import type { InputContent, JobOptions, RunOptions } from "../options.ts"

/** What a script is given. */
export interface MemoryJob {
  /** As it was called; of inline code its name, or `main`. */
  readonly script: string
  /** Of inline code its source, as text; null for a file, which is not read. */
  readonly code: string | null
  /** With the item filled in. */
  readonly args: ReadonlyArray<string>
  /** With the secrets. */
  readonly env: Readonly<Record<string, string>>
  /** All of it, as UTF-8. */
  readonly stdin: string
  readonly inputs: Readonly<Record<string, InputContent>>
  /** Null: none was asked for. */
  readonly runtime: string | null
  readonly metadata: Readonly<Record<string, string>>
  /** Of a batch the item as it was given; else null. */
  readonly item: string | null
}

/** How it ends. What is left out is nothing, and 0. */
export interface MemoryAnswer {
  readonly exitCode?: number
  readonly stdout?: string | Uint8Array
  readonly stderr?: string | Uint8Array
  /** Files it makes, by their relative paths: written where the real grid's are brought. */
  readonly outputs?: Readonly<Record<string, string | Uint8Array>>
  /** For ends that are not its own: `{ _tag: "TimedOut", seconds: 5 }`. */
  readonly failure?: Failure
  /** Micros: 1,000,000 are 1 EUR. */
  readonly cost?: number
}

/**
 * A script in memory. An effect may wait for what a test decides, and fail with an error of `Errors` to say that the run
 * could not be made.
 */
export type MemoryScript = (
  job: MemoryJob
) => MemoryAnswer | Promise<MemoryAnswer> | Effect.Effect<MemoryAnswer, ClientError>

/** How an execution ended. */
export interface MemoryEnd {
  readonly at: Date
  readonly exitCode: number | null
  readonly failure: Failure | null
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  readonly files: ReadonlyArray<{ readonly path: string; readonly bytes: Uint8Array }>
  readonly cost: number
}

const bytesOf = (content: string | Uint8Array = ""): Uint8Array => typeof content === "string" ? Buffer.from(content) : content

const textOf = (content: string | Uint8Array): string => typeof content === "string" ? content : Buffer.from(content).toString()

const stdinOf = async (stdin: RunOptions["stdin"]): Promise<string> => {
  if (stdin === undefined) return ""
  if (typeof stdin === "string" || stdin instanceof Uint8Array) return textOf(stdin)
  const chunks: Array<Uint8Array> = []
  for await (const chunk of stdin) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** `args` and `item`: of a batch's item. */
export const jobOf = (
  { args, inline, options, script }: Wanted<JobOptions & Pick<RunOptions, "stdin">>,
  own: Partial<Pick<MemoryJob, "args" | "item">> = {}
): Effect.Effect<MemoryJob> =>
  Effect.map(Effect.promise(() => stdinOf(options.stdin)), (stdin) => ({
    script: script ?? inline?.name ?? "main",
    code: inline === null ? null : textOf(inline.code),
    args,
    env: { ...options.env, ...options.secrets },
    stdin,
    inputs: options.inputs ?? {},
    runtime: options.runtime ?? null,
    metadata: options.metadata ?? {},
    item: null,
    ...own
  }))

/** What a key stands for. Labels are no part of it. */
export const contentOf = ({ env, metadata: _labels, ...job }: MemoryJob, options: JobOptions & Pick<RunOptions, "timeout">): string =>
  JSON.stringify([
    job,
    Object.entries(env).toSorted(),
    picked<typeof options, "cpu" | "memory" | "network" | "retries" | "requirements" | "timeout">(
      options,
      "cpu",
      "memory",
      "network",
      "retries",
      "requirements",
      "timeout"
    )
  ])

/** Told by its last words, as a grid's runner does it. */
const exited = (exitCode: number, stderr: string, { runtime, script }: Pick<MemoryJob, "runtime" | "script">): Failure => {
  const about = { exitCode, signal: null, memoryBytes: undefined, runtime: runtime ?? "", script, files: [], network: "open" } as const
  const cause = recognise(stderr, about)
  const tail = lastLines(stderr)
  return { _tag: "ScriptExited", code: exitCode, ...(cause === null ? {} : { cause }), ...(tail === "" ? {} : { tail }) }
}

const failureOf = ({ exitCode = 0, failure, stderr }: MemoryAnswer, job: Pick<MemoryJob, "runtime" | "script">) =>
  failure ?? (exitCode === 0 ? null : exited(exitCode, textOf(stderr ?? ""), job))

const nobody = { runtime: null, script: "" }

export const endOf = (answer: MemoryAnswer, job: Pick<MemoryJob, "runtime" | "script"> = nobody): Effect.Effect<MemoryEnd> =>
  Effect.map(Clock.currentTimeMillis, (now) => ({
    at: new Date(now),
    exitCode: answer.exitCode ?? (answer.failure === undefined ? 0 : null),
    failure: failureOf(answer, job),
    stdout: bytesOf(answer.stdout),
    stderr: bytesOf(answer.stderr),
    files: Object.entries(answer.outputs ?? {}).filter(([path]) => isWorkspacePath(path)).map(([path, content]) => ({
      path,
      bytes: bytesOf(content)
    })),
    cost: answer.cost ?? 0
  }))

/** What it throws is a mistake of the test: a defect. */
export const answer = (script: MemoryScript, job: MemoryJob): Effect.Effect<MemoryEnd, ClientError> =>
  Effect.suspend(() => {
    const answered = script(job)
    return Effect.isEffect(answered) ? answered : Effect.promise(() => Promise.resolve(answered))
  }).pipe(Effect.flatMap((answered) => endOf(answered, job)))
