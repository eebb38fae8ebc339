/** A runner's side of the socket, and what it says about an attempt. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Socket from "effect/socket/Socket"
import { Accepted } from "rgrid/api/Executions"
import {
  type Assignment,
  decodeToRunner,
  encodeFromRunner,
  type FromRunner,
  runnerPath,
  type ToRunner
} from "rgrid/api/RunnerProtocol"
import { incarnation, runnerId } from "rgrid/domain/Id"
import { ask, Grid, job, read, sha256 } from "./harness.ts"

export interface Runner {
  readonly say: (message: FromRunner) => Effect.Effect<void>
  /** The next message of this kind; others are passed over. */
  readonly hear: <Tag extends ToRunner["_tag"]>(tag: Tag) => Effect.Effect<Extract<ToRunner, { readonly _tag: Tag }>>
}

/** Connected and welcomed, for as long as the scope lives. */
export const connect = Effect.fnUntraced(function*(slots: number, told: { readonly hourlyMicros?: number } = {}) {
  const { key, url } = yield* Grid
  const address = url.replace("http", "ws") + runnerPath
  const socket = yield* Socket.makeWebSocket(address, { headers: { authorization: `Bearer ${key}` } })
  const pull = yield* Socket.readerString(socket)
  const writer = yield* socket.writer
  const heard: Array<ToRunner> = []
  const next = Effect.gen(function*() {
    while (heard.length === 0) {
      for (const text of yield* pull) heard.push(yield* decodeToRunner(text))
    }
    return heard.shift()
  }).pipe(Effect.orDie)
  const hear = <Tag extends ToRunner["_tag"]>(tag: Tag) =>
    next.pipe(
      Effect.repeat({ until: (message) => message?._tag === tag }),
      Effect.map((message) => message as Extract<ToRunner, { readonly _tag: Tag }>),
      Effect.timeout("10 seconds"),
      Effect.orDie
    )
  const say = (message: FromRunner) => Effect.orDie(writer.write(encodeFromRunner(message)))
  const now = Date.now()
  yield* say({
    _tag: "Hello",
    runner: runnerId(now),
    incarnation: incarnation(now),
    name: "test",
    version: "0.0.0",
    sandbox: "process",
    slots,
    controls: [],
    running: [],
    ...told
  })
  yield* hear("Welcome")
  return { say, hear } satisfies Runner
})

/** Accepted, everything sent, queued. */
export const submitted = Effect.fnUntraced(function*(script: string) {
  const bytes = new TextEncoder().encode(script)
  const first = yield* read(Accepted, yield* ask("POST", "/api/v1/executions", { json: job(bytes) }))
  for (const { put } of first.missing) yield* ask("PUT", put.url, { token: "", headers: put.headers, bytes })
  yield* ask("POST", `/api/v1/executions/${first.execution.id}/uploaded`)
  return first.execution.id
})

/** One queued execution, claimed by a runner of its own. */
export const assigned = Effect.fnUntraced(function*(script: string, told: { readonly hourlyMicros?: number } = {}) {
  const execution = yield* submitted(script)
  const runner = yield* connect(1, told)
  yield* runner.say({ _tag: "Ask", free: 1 })
  const { attempts: [assignment] } = yield* runner.hear("Assign")
  if (assignment?.execution !== execution) return yield* Effect.die(`another execution was assigned`)
  return { runner, assignment }
})

export const attemptPath = ({ execution, fence }: Pick<Assignment, "execution" | "fence">, verb: string): string =>
  `/api/v1/attempts/${execution}/${fence}/${verb}`

export const say = (assignment: Assignment, verb: string, json?: unknown) =>
  ask("POST", attemptPath(assignment, verb), { token: assignment.token, ...(json === undefined ? {} : { json }) })

export const append = (assignment: Assignment, offset: number, bytes: Uint8Array) =>
  ask("POST", `${attemptPath(assignment, "log")}?offset=${offset}`, { token: assignment.token, bytes })

export const settlement = (log: Uint8Array, tail: { readonly offset: number; readonly frames: Uint8Array }) => ({
  state: "completed",
  failure: null,
  exitCode: 0,
  usage: { cpuMicros: 1000, peakMemoryBytes: null },
  manifest: { outputs: [], deleted: [], skipped: [] },
  log: {
    stdoutBytes: 0,
    stderrBytes: 0,
    length: log.length,
    sha256: sha256(log),
    tail: { offset: tail.offset, frames: Buffer.from(tail.frames).toString("base64") }
  }
})

export const Length = Schema.Struct({ length: Schema.Int })
