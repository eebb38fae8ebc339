/** The words about one execution in memory. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { resolve } from "node:path"
import { parsePosition, positionText } from "../../client/LogPosition.ts"
import { refused } from "../check.ts"
import type { RunOptions } from "../options.ts"
import type { LogChunk, RunResult } from "../results.ts"
import type { ExecutionHandle, WaitSettings } from "../service/Grid.ts"
import { type Executions, infoOf, type MemoryExecution, writeFiles } from "./Executions.ts"
import type { MemoryEnd } from "./Script.ts"

/** A line a chunk, so that a test can stop between two. */
const lines = (bytes: Uint8Array): ReadonlyArray<Uint8Array> =>
  (Buffer.from(bytes).toString("latin1").match(/[^\n]*\n|[^\n]+$/g) ?? []).map((line) => Buffer.from(line, "latin1"))

const chunksOf = ({ at: time, stderr, stdout }: MemoryEnd): ReadonlyArray<LogChunk & { readonly offset: number }> => {
  const seen = { stdout: 0, stderr: 0 }
  let frames = 0
  const of = (stream: "stdout" | "stderr", bytes: Uint8Array) => {
    seen[stream] += bytes.length
    const offset = seen.stdout + seen.stderr
    return { stream, bytes, time, offset, cursor: positionText({ attempt: 1, offset, frames: ++frames, ...seen }) }
  }
  return [...lines(stdout).map((line) => of("stdout", line)), ...lines(stderr).map((line) => of("stderr", line))]
}

const logsOf = (found: Effect.Effect<MemoryEnd, Effect.Error<ExecutionHandle["wait"]>>, from: string | undefined) =>
  Stream.unwrap(Effect.gen(function*() {
    const position = from === undefined ? null : parsePosition(from)
    if (from !== undefined && position === null) return yield* refused("from", from, "the cursor of a chunk that was read before")
    const chunks = chunksOf(yield* found).filter(({ offset }) => offset > (position?.offset ?? 0))
    return Stream.fromIterable(chunks.map(({ offset: _offset, ...chunk }): LogChunk => chunk))
  }))

const tell = ({ stderr, stdout }: MemoryEnd, { onStderr, onStdout }: Pick<RunOptions, "onStdout" | "onStderr">) =>
  Effect.sync(() => {
    if (stdout.length > 0) onStdout?.(stdout)
    if (stderr.length > 0) onStderr?.(stderr)
  })

/** `directory`: where its files are written; false for nowhere. */
export const resultOf = Effect.fnUntraced(function*(one: MemoryExecution, directory: string | false, settings: WaitSettings) {
  const end = yield* Deferred.await(one.ended)
  yield* tell(end, settings)
  const result: RunResult = {
    ...infoOf(one),
    stdout: Buffer.from(end.stdout).toString(),
    stderr: Buffer.from(end.stderr).toString(),
    outputs: directory === false ? [] : yield* writeFiles(end, directory),
    refused: []
  }
  return result
})

export const handleOf = (executions: Executions, id: string, directory: string | false, settings: WaitSettings): ExecutionHandle => {
  const found = executions.get(id)
  const ended = Effect.flatMap(found, ({ ended }) => Deferred.await(ended))
  return {
    id,
    status: Effect.map(found, infoOf),
    wait: Effect.flatMap(found, (one) => resultOf(one, directory, settings)),
    logs: (from) => logsOf(ended, from),
    outputs: Effect.map(found, ({ end }) =>
      (end?.files ?? []).map(({ bytes, path }) => ({ path, type: "file" as const, bytes: bytes.length }))),
    download: (to = ".") =>
      Effect.flatMap(found, ({ end }) => end === null ? Effect.succeed([]) : writeFiles(end, resolve(to))).pipe(
        Effect.map((outputs) => ({ outputs, refused: [] }))
      ),
    cancel: Effect.flatMap(found, (one) => Effect.as(executions.cancel(one), one)).pipe(Effect.map(infoOf))
  }
}
