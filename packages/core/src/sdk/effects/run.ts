/** A script from its call to its result, as an effect over a connection. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { resolve } from "node:path"
import { bringBack, stagedBy } from "../../client/bringBack.ts"
import * as executions from "../../client/executions.ts"
import { follow, type FollowEvent } from "../../client/follow.ts"
import { picked } from "../../client/picked.ts"
import { prepare, type Prepared, type Stdin } from "../../client/prepare.ts"
import { whileSending } from "../../client/stdin.ts"
import { submit as post } from "../../client/submit.ts"
import type { Execution } from "../../domain/Execution.ts"
import { checkTimeout } from "../check.ts"
import { info } from "../info.ts"
import { jobOf, type Wanted } from "../job.ts"
import type { RunOptions } from "../options.ts"
import type { RunResult } from "../results.ts"
import { transcript } from "./transcript.ts"

type Listeners = Pick<RunOptions, "onStdout" | "onStderr">

const watch = Effect.fnUntraced(function*(id: string, { onStderr, onStdout }: Listeners) {
  const written = transcript()
  let ended: Extract<FollowEvent, { readonly _tag: "Ended" }> | undefined
  yield* Stream.runForEach(follow(id), (event) =>
    Effect.sync(() => {
      if (event._tag === "Ended") ended = event
      if (event._tag !== "Output") return
      written.add(event)
      const listener = event.stream === "stdout" ? onStdout : onStderr
      listener?.(event.bytes)
    }))
  return { ...ended!, ...written.whole() }
})

type Watched = Effect.Success<ReturnType<typeof watch>>

/** Where what an execution makes belongs; null: it stays on the grid. */
export type Landing = Omit<Parameters<typeof bringBack>[1], "listed"> | null

const landed = Effect.fnUntraced(function*({ execution, outputs: listed, stderr, stdout }: Watched, landing: Landing) {
  const told = { ...info(execution), stdout, stderr }
  const result: RunResult = landing === null
    ? { ...told, outputs: [], refused: [] }
    : yield* Effect.map(
      bringBack(execution, { ...landing, listed }),
      ({ refused, written }): RunResult => ({ ...told, outputs: written, refused })
    )
  return result
})

const landingOf = ({ began: since, spec }: Prepared, { outputDirectory }: RunOptions): Landing => {
  if (outputDirectory === false) return null
  return outputDirectory === undefined
    ? { directory: spec.cwd, staged: stagedBy(spec), since }
    : { directory: resolve(spec.cwd, outputDirectory), since }
}

/** `live` is passed on while the script runs; whoever doesn't wait can't do that. */
const stdinOf = (stdin: RunOptions["stdin"], kind: Stdin["kind"]): { readonly stdin?: Stdin } => {
  if (stdin === undefined) return {}
  if (typeof stdin === "string") return stdinOf(new TextEncoder().encode(stdin), kind)
  return stdin instanceof Uint8Array
    ? { stdin: { kind: "whole", bytes: Stream.make(stdin) } }
    : { stdin: { kind, bytes: Stream.orDie(Stream.fromAsyncIterable(stdin, (cause) => cause)) } }
}

/** Ready to be sent; `landing` is where its outputs belong here. */
const readied = Effect.fnUntraced(function*(wanted: Wanted<RunOptions>, kind: Stdin["kind"]) {
  const { options, request } = yield* jobOf(wanted)
  const timeout = yield* checkTimeout(options.timeout)
  const prepared = yield* prepare({ ...request, ...timeout, ...stdinOf(options.stdin, kind) })
  return { prepared, landing: landingOf(prepared, options), send: post(prepared, picked(options, "idempotencyKey")) }
})

/** Waits for the end. A script that fails is a result. The outer scope holds what is no file here until all is sent. */
export const run = (wanted: Wanted<RunOptions>) =>
  Effect.map(readied(wanted, "live"), ({ landing, prepared, send }) =>
    Effect.gen(function*() {
      const { id } = yield* send
      return yield* landed(yield* whileSending(id, prepared, watch(id, wanted.options)), landing)
    }).pipe(Effect.withSpan("sdk.run")))

/** An execution on the grid, and where its outputs belong here. */
export interface Begun {
  readonly execution: Execution
  readonly landing: Landing
}

/** Ends when the grid has all it needs. */
export const submit = (wanted: Wanted<RunOptions>) =>
  Effect.map(readied(wanted, "whole"), ({ landing, send }) =>
    send.pipe(Effect.map((execution): Begun => ({ execution, landing })), Effect.withSpan("sdk.submit")))

/** The rest of a run: its output, its end, its files. */
export const wait = Effect.fn("sdk.wait")(function*(id: string, landing: Landing, listeners: Listeners) {
  const whole = yield* executions.resolve(id)
  return yield* landed(yield* watch(whole, listeners), landing)
})

/** Where the outputs of what was started elsewhere belong. */
export const landingIn = (directory: string | false | undefined, { createdAt }: Execution): Landing =>
  directory === undefined || directory === false
    ? null
    : { directory: resolve(directory), since: DateTime.toEpochMillis(createdAt) }

/** As `wait`, of what was started elsewhere. */
export const waitFor = Effect.fn("sdk.waitFor")(function*(id: string, options: Listeners & Pick<RunOptions, "outputDirectory">) {
  const execution = yield* executions.get(id)
  return yield* wait(execution.id, landingIn(options.outputDirectory, execution), options)
})
