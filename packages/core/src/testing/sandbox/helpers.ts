/** Slots with scripts in them, for tests. */
import type { Vitest } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import {
  type Mount,
  Sandbox,
  type SandboxError,
  type Session,
  type SlotLimits,
  type SlotRequest,
  type SlotRun,
  type SlotStart
} from "../../ports/Sandbox.ts"

export type Methods = Vitest.MethodsNonLive<Sandbox>

export interface Options {
  readonly layer: Layer.Layer<Sandbox, SandboxError>
  readonly image: string
  /** What this sandbox enforces beyond running scripts. */
  readonly capabilities: {
    readonly memoryLimit: boolean
    readonly networkNone: boolean
    readonly ownPidNamespace: boolean
    readonly pids: boolean
    /** Temporary directories and shared memory are each slot's own. */
    readonly ownMemory: boolean
  }
  /** Where a script sees its workspace. Absent: the sandbox can't mount, and it is the slot's own directory. */
  readonly workdir?: string
}

export interface Asked extends Partial<SlotStart> {
  readonly limits?: SlotLimits
  readonly network?: "open" | "none"
  readonly workdir?: string
  readonly mounts?: ReadonlyArray<Mount>
  readonly fill?: (workspace: string) => Promise<void>
}

export type Argv = readonly [string, ...Array<string>]

/** Where the images' programs are. */
export const path = "/usr/local/bin:/usr/bin:/bin"

export const collect = (run: SlotRun) =>
  Stream.runFold(
    run.output,
    (): { stdout: Array<Uint8Array>; stderr: Array<Uint8Array> } => ({ stdout: [], stderr: [] }),
    (all, chunk) => {
      all[chunk.stream].push(chunk.bytes)
      return all
    }
  ).pipe(
    Effect.map((all) => ({ stdout: Buffer.concat(all.stdout), stderr: Buffer.concat(all.stderr) }))
  )

/** A script of Python, unbuffered, given on the command line. */
export const python = (source: string, ...args: ReadonlyArray<string>): [string, ...Array<string>] => [
  "python3",
  "-u",
  "-c",
  source,
  ...args
]

export const printed = (ran: { readonly stdout: Buffer }): string => ran.stdout.toString("utf8")

/** Polls: processes of a slot die within milliseconds, but not at once. */
export const eventually = (reason: string, condition: () => boolean | Promise<boolean>): Effect.Effect<void> =>
  Effect.promise(async () => {
    const end = Date.now() + 15_000
    while (!await condition()) {
      if (Date.now() > end) throw new Error(`Waited in vain: ${reason}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })

/** A slot made for the request and opened. */
export const openSlot = Effect.fnUntraced(function*(request: SlotRequest) {
  const slot = yield* Sandbox.use((sandbox) => sandbox.prepare(request))
  return { ...slot, ...yield* slot.open(request) }
})

/** Helpers bound to one sandbox's options. */
export const helpers = (options: Options) => {
  const requestOf = (asked: Asked): SlotRequest => ({
    image: options.image,
    workdir: asked.workdir ?? options.workdir ?? "/work",
    outside: [],
    ...(asked.mounts === undefined ? {} : { mounts: asked.mounts }),
    limits: asked.limits ?? {},
    network: asked.network ?? "none"
  })

  /** Fills an open slot and starts a script in it. */
  const start = Effect.fnUntraced(function*(session: Session, argv: Argv, asked: Asked = {}) {
    const { fill } = asked
    if (fill !== undefined) yield* Effect.promise(() => fill(session.workspace))
    yield* session.own
    return yield* session.run({
      argv,
      env: asked.env ?? { PATH: path },
      deadline: asked.deadline ?? Duration.seconds(60),
      ...(asked.stdin === undefined ? {} : { stdin: asked.stdin })
    })
  })

  /** A slot with a script started in it. */
  const begin = Effect.fnUntraced(function*(argv: Argv, asked: Asked = {}) {
    const slot = yield* openSlot(requestOf(asked))
    const run = yield* start(slot, argv, asked)
    return { slot, run }
  })

  const execute = Effect.fnUntraced(function*(argv: Argv, asked: Asked = {}) {
    const { run, slot } = yield* begin(argv, asked)
    const output = yield* collect(run)
    const exit = yield* run.exit
    return { ...output, exit, slot }
  })

  /** A slot for one script after the other; each is given a session of its own, and leaves the slot reset. */
  const again = Effect.fnUntraced(function*(shared: Asked = {}) {
    const request = requestOf(shared)
    const slot = yield* Sandbox.use((sandbox) => sandbox.prepare(request))
    const next = Effect.fnUntraced(function*(argv: Argv, asked: Asked = {}) {
      const session = yield* slot.open(request)
      const ran = yield* Effect.scoped(Effect.gen(function*() {
        const run = yield* start(session, argv, asked)
        return { ...yield* collect(run), exit: yield* run.exit }
      })).pipe(Effect.exit)
      yield* slot.reset
      return yield* ran
    })
    return { slot, request, next }
  })

  return { again, begin, execute, options, start }
}

/** Helpers bound to one sandbox's options. */
export type Helpers = ReturnType<typeof helpers>
