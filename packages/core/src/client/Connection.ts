/** The grid a caller speaks to: the one its environment names, else the grid of this machine. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { ConnectionIncomplete, type GridNotStarted } from "./errors.ts"
import * as LocalGrid from "./LocalGrid.ts"

type Environment = Readonly<Record<string, string | undefined>>

const isHttpUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)

export class Connection extends Context.Service<Connection, {
  /** Without a slash at its end. */
  readonly url: string
  readonly key: Redacted.Redacted
  /** The grid of this machine, which may be started for want of it. */
  readonly local: boolean
}>()("rgrid/client/Connection") {
}

/** `RGRID_URL` and `RGRID_API_KEY`. None when neither is set. */
export const fromEnvironment = (
  env: Environment = process.env
): Effect.Effect<Option.Option<Connection["Service"]>, ConnectionIncomplete> => {
  const url = env["RGRID_URL"] ?? ""
  const key = env["RGRID_API_KEY"] ?? ""
  if (url === "" && key === "") return Effect.succeed(Option.none())
  if (url === "") return Effect.fail(new ConnectionIncomplete({ reason: "urlMissing" }))
  if (key === "") return Effect.fail(new ConnectionIncomplete({ reason: "keyMissing" }))
  if (!isHttpUrl(url)) return Effect.fail(new ConnectionIncomplete({ reason: "urlMalformed" }))
  const connection = { url: url.replace(/\/+$/, ""), key: Redacted.make(key), local: false }
  return Effect.succeed(Option.some(connection))
}

export const fromLocal = (grid: LocalGrid.LocalGrid): Connection["Service"] => ({
  url: grid.url,
  key: Redacted.make(grid.key),
  local: true
})

/** Starts the grid of this machine when the environment names none. */
export const resolve: Effect.Effect<
  Connection["Service"],
  ConnectionIncomplete | GridNotStarted
> = Effect.suspend(() => fromEnvironment()).pipe(
  Effect.flatMap(Option.match({
    onSome: (connection) => Effect.succeed(connection),
    onNone: () => LocalGrid.ensure.pipe(Effect.map(fromLocal), Effect.provide(FetchHttpClient.layer))
  }))
)

export const layer: Layer.Layer<Connection, ConnectionIncomplete | GridNotStarted> = Layer.effect(Connection, resolve)
