/** The grid of the step: the one it names, else one on this machine, started when there is none yet. */
import * as core from "@actions/core"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { fromEnvironment, fromLocal, named } from "rgrid/client/Connection"
import type { ConnectionIncomplete } from "rgrid/client/errors"
import { find, startBy } from "rgrid/client/LocalGrid"
import { WrongInput } from "./errors.ts"
import { say } from "./log.ts"
import { mask } from "./mask.ts"
import { around, home, rgrid } from "./program.ts"
import { states } from "./states.ts"

const incomplete = {
  keyMissing: ["server is given, api-key is not.", "Give api-key: ${{ secrets.RGRID_API_KEY }}, or no server to use this machine."],
  urlMissing: ["api-key is given, server is not.", "Give server: https://grid.example.com, or no api-key to use this machine."],
  bothMissing: ["Neither server nor api-key is given.", "Give both, or none to use this machine."],
  urlMalformed: ["server is no address.", "Write it as https://grid.example.com."]
} as const

const wrong = ({ reason }: ConnectionIncomplete) => {
  const [what, fix] = incomplete[reason]
  return new WrongInput({ what, fix })
}

/** That of the inputs, `RGRID_URL` or a profile. None: this machine's. */
export const remote = Effect.fnUntraced(function*() {
  const given = yield* fromEnvironment({
    RGRID_URL: core.getInput("server") || process.env["RGRID_URL"],
    RGRID_API_KEY: core.getInput("api-key") || process.env["RGRID_API_KEY"]
  }).pipe(Effect.mapError(wrong))
  return Option.isSome(given) ? given : yield* named()
})

/** The grid of this machine for this job, if it is up. */
export const local = Effect.suspend(() => {
  process.env["RGRID_HOME"] = home().directory
  return Effect.map(Effect.provide(find, FetchHttpClient.layer), Option.map(fromLocal))
})

/** Whoever starts it stops it: an earlier step's is used, and left to that step. */
const start = Effect.gen(function*() {
  const { directory, temporary } = home()
  const running = yield* local
  if (Option.isSome(running)) return running.value
  const command = rgrid()
  // Saved before: one that is cut off while it starts is stopped too.
  core.saveState(states.grid, { command, directory, temporary })
  core.info("Starting a grid on this machine…")
  const { grid, said } = yield* startBy(command, around())
  for (const line of said.split("\n")) if (line.trim() !== "") say(`rgrid: ${line}`)
  return fromLocal(grid)
})

export const connect = Effect.gen(function*() {
  const named = yield* remote()
  const connection = Option.isSome(named) ? named.value : yield* start
  // Wherever the key came from.
  mask(Redacted.value(connection.key))
  return connection
})

