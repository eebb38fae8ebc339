import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { batch, run, RGridError, type RunResult } from "rgrid"
import * as grid from "rgrid/effect"
import { memory } from "rgrid/effect/testing"

export const plain = async (): Promise<RunResult> => {
  try {
    return await run("hello.py", ["a"], { signal: AbortSignal.timeout(1000) })
  } catch (error) {
    if (error instanceof RGridError) console.log(error.code, error.retryable)
    throw error
  }
}

export const many = async (): Promise<ReadonlyArray<number | null>> => {
  const codes: Array<number | null> = []
  for await (const result of batch("hello.py", ["{}"], { over: "*.csv" })) codes.push(result.exitCode)
  return codes
}

export const effect: Effect.Effect<number | null, unknown> = grid.run("hello.py").pipe(
  Effect.map(({ exitCode }) => exitCode),
  Effect.provide(memory(() => ({ stdout: "hello" })))
)

export const lines = Stream.runCount(grid.logs("exec_1"))
