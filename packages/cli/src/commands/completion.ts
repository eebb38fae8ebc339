/** When an execution that runs will likely have ended: by its output, else by how long the script took before. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as executions from "rgrid/client/executions"
import { readLog } from "rgrid/client/readLog"
import type { Execution } from "rgrid/domain/Execution"
import { estimate, feed, fractionOf, type Progress, unknown } from "rgrid/domain/ScriptProgress"
import { median } from "rgrid/domain/Why"
import { type Completion, elapsed } from "../output/execution.ts"

/** Of a longer log the end would have to be read for it: then only the past tells. */
const enough = 4 * 1024 * 1024

const fraction = Effect.fnUntraced(function*(id: string) {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() }
  const progress: Record<"stdout" | "stderr", Progress> = { stdout: unknown, stderr: unknown }
  let bytes = 0
  yield* readLog(id).pipe(
    Stream.takeWhile((output) => (bytes += output.bytes.length) <= enough),
    Stream.runForEach((output) =>
      Effect.sync(() => {
        const text = decoders[output.stream].decode(output.bytes, { stream: true })
        progress[output.stream] = feed(progress[output.stream], text)
      }))
  )
  return bytes > enough ? null : fractionOf(progress.stderr) ?? fractionOf(progress.stdout)
})

const isTold = ({ leftMillis, percent, source }: ReturnType<typeof estimate>) =>
  leftMillis === null || percent === null || source === null ? Option.none() : Option.some({ leftMillis, percent, source })

/** Null when it does not run, or when nothing tells. */
export const completion = Effect.fnUntraced(function*(execution: Execution, now: number) {
  if (execution.state !== "running") return null
  const { earlier } = yield* executions.whyFacts(execution.id)
  const told = isTold(estimate(yield* fraction(execution.id), elapsed(execution, now) ?? 0, median(earlier)))
  return Option.match(told, {
    onNone: () => null,
    onSome: (known): Completion => ({ ...known, at: DateTime.formatIso(DateTime.makeUnsafe(now + known.leftMillis)) })
  })
})
