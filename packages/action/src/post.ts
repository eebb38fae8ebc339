/** After the job's other steps: ends what still runs, and stops the grid that this step started. */
import * as core from "@actions/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Connection } from "rgrid/client/Connection"
import { cancelQuietly } from "rgrid/client/canceling"
import { ClientLive } from "rgrid/client/layers"
import { rm } from "node:fs/promises"
import { local, remote } from "./grid.ts"
import { say } from "./log.ts"
import { maskInputs } from "./mask.ts"
import { down } from "./program.ts"
import { startedGrid, states } from "./states.ts"

const cancelRunning = Effect.fnUntraced(function*(id: string) {
  const named = yield* remote()
  const connection = Option.isSome(named) ? named : yield* local
  if (Option.isNone(connection)) return
  say(`Canceling ${id}…`)
  yield* cancelQuietly(id).pipe(
    Effect.provide(ClientLive.pipe(Layer.provide(Layer.succeed(Connection, connection.value))))
  )
})

const remove = (directory: string): Promise<void> =>
  rm(directory, { recursive: true, force: true })
    .catch((error: Error) => core.warning(`What it left in ${directory} was not removed: ${error.message}`))

const stopGrid = async (): Promise<void> => {
  const started = Option.getOrNull(startedGrid())
  if (started === null) return
  process.env["RGRID_HOME"] = started.directory
  await down(started.command)
  core.info("The grid of this machine is down.")
  if (started.temporary) await remove(started.directory)
}

/** What goes wrong here must not fail a job that went well. */
export const post = async (): Promise<void> => {
  maskInputs()
  const running = core.getState(states.running)
  if (running !== "") await Effect.runPromise(Effect.ignore(cancelRunning(running)))
  await stopGrid().catch((error: Error) => core.warning(`The grid of this machine was not stopped: ${error.message}`))
}
