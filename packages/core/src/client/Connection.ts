/**
 * The grid a caller speaks to: the one that `RGRID_URL` and `RGRID_API_KEY` name, else the profile asked for, else
 * `RGRID_PROFILE`, else the project's, else the profile `default`, else the grid of this machine.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { nearest } from "../domain/nearest.ts"
import * as credentials from "./credentials.ts"
import { type ConnectionError, ConnectionIncomplete, type GridNotStarted, ProfileIncomplete, ProfileUnknown } from "./errors.ts"
import * as LocalGrid from "./LocalGrid.ts"
import { readConfig } from "./projectConfig.ts"

type Environment = Readonly<Record<string, string | undefined>>

/** Whether a server may be named so. */
export const isHttpUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)

export const withoutSlash = (url: string): string => url.replace(/\/+$/, "")

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
  const connection = { url: withoutSlash(url), key: Redacted.make(key), local: false }
  return Effect.succeed(Option.some(connection))
}

export const fromLocal = (grid: LocalGrid.LocalGrid): Connection["Service"] => ({
  url: grid.url,
  key: Redacted.make(grid.key),
  local: true
})

export interface Asked {
  /** A profile by name. Above `RGRID_PROFILE`, below `RGRID_URL`. */
  readonly profile?: string | undefined
  /** Whose project's `.rgrid/config` counts; default: the working directory. */
  readonly cwd?: string | undefined
}

const profileNamed = Effect.fnUntraced(function*(name: string, isAsked: boolean) {
  const path = credentials.credentialsPath()
  const profiles = yield* credentials.read(path)
  const profile = profiles.get(name)
  if (profile === undefined) {
    if (!isAsked) return Option.none<Connection["Service"]>()
    return yield* new ProfileUnknown({ name, path, nearest: nearest(name, [...profiles.keys(), credentials.local]) })
  }
  if (!isHttpUrl(profile.server)) return yield* new ProfileIncomplete({ name, path, reason: "server" })
  if (profile.key === "") return yield* new ProfileIncomplete({ name, path, reason: "key" })
  return Option.some({ url: withoutSlash(profile.server), key: Redacted.make(profile.key), local: false })
})

/** The grid that is named anywhere; none: the grid of this machine. */
export const named = Effect.fnUntraced(function*({ cwd = process.cwd(), profile }: Asked = {}) {
  const fromEnv = yield* fromEnvironment()
  if (Option.isSome(fromEnv)) return fromEnv
  const asked = profile || process.env["RGRID_PROFILE"] || (yield* readConfig(cwd))?.profile
  if (asked === credentials.local) return Option.none<Connection["Service"]>()
  return yield* profileNamed(asked ?? credentials.standard, asked !== undefined)
})

/** Starts the grid of this machine when nothing names another. */
export const resolve = (asked: Asked = {}): Effect.Effect<Connection["Service"], ConnectionError | GridNotStarted> =>
  named(asked).pipe(
    Effect.flatMap(Option.match({
      onSome: (connection) => Effect.succeed(connection),
      onNone: () => LocalGrid.ensure.pipe(Effect.map(fromLocal), Effect.provide(FetchHttpClient.layer))
    }))
  )

export const layer = (asked: Asked = {}): Layer.Layer<Connection, ConnectionError | GridNotStarted> =>
  Layer.effect(Connection, resolve(asked))
