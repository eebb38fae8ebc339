/** A runner to be killed: prepares slots, runs a stubborn script in one, prints their ids, and waits. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { writeSync } from "node:fs"
import { Sandbox } from "rgrid/ports/Sandbox"
import { kinds } from "./kinds.ts"

const [kind = "", runnerId = "", stateDirectory = "", image = ""] = process.argv.slice(2)

const stubborn = "(setsid sh -c 'trap \"\" TERM HUP INT; while :; do sleep 1; done' &)"
const script = `${stubborn}; ${stubborn}; ${stubborn}; sleep 600`

const main = Effect.gen(function*() {
  const sandbox = yield* Sandbox
  const request = { image, workdir: "/work", outside: [], limits: {}, network: "none" } as const
  const idle = yield* sandbox.prepare(request)
  const other = yield* sandbox.prepare(request)
  const busy = yield* other.open(request)
  yield* busy.run({ argv: ["sh", "-c", script], env: { PATH: "/usr/bin:/bin" }, deadline: Duration.hours(1) })
  writeSync(1, `${JSON.stringify([idle.id, other.id])}\n`)
  return yield* Effect.never
})

const layer = kinds.find(({ name }) => name === kind)?.layer({ runnerId, stateDirectory, allowPrivateNetworks: true })

if (layer !== undefined) Effect.runFork(Effect.scoped(main).pipe(Effect.provide(layer)))
