/** Parts of the log that fold, and that obey nobody. */
import * as core from "@actions/core"
import * as Effect from "effect/Effect"
import { count } from "rgrid/client/amounts"
import { Retrying } from "rgrid/client/patience"
import { ProtectedLog } from "./log.ts"
import type { Failed } from "./Outcome.ts"
import { lost } from "./telling.ts"

const open = (title: string): ProtectedLog => {
  const log = new ProtectedLog((bytes) => process.stdout.write(bytes))
  core.startGroup(title)
  log.begin()
  return log
}

const close = (log: ProtectedLog): void => {
  log.end()
  core.endGroup()
}

export const inGroup = <A, E, R>(title: string, within: (log: ProtectedLog) => Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => open(title)),
    (log) => Effect.provideService(within(log), Retrying, (retry) => Effect.sync(() => log.say(lost(retry)))),
    (log) => Effect.sync(() => close(log))
  )

/** More of them are in the summary. */
const most = 5

/** Of a batch, whose items' output is not shown: what the first item of each cause said last. */
export const showLastWords = (causes: ReadonlyArray<Failed>): void => {
  for (const { count: many, item, stderr } of causes.slice(0, most)) {
    if (item === null || stderr === "") continue
    const log = open(`stderr of ${item}${many === 1 ? "" : `, and of ${count(many - 1, "item")} like it`}`)
    log.output("stderr", Buffer.from(stderr))
    close(log)
  }
}
