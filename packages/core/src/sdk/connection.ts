import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type * as Socket from "effect/socket/Socket"
import { Connection, fromEnvironment, isHttpUrl, resolve, withoutSlash } from "../client/Connection.ts"
import type { ClientError } from "../client/errors.ts"
import type { GridClient } from "../client/GridClient.ts"
import { ClientLive } from "../client/layers.ts"
import { refused } from "./check.ts"
import { told } from "./errors.ts"

/** Which grid, and until when to wait. */
export interface CallOptions {
  /**
   * Base URL of a server. Default: `RGRID_URL`, else a profile, else the grid of this machine, which is started when it
   * isn't up.
   */
  readonly url?: string
  /** Default: that of the grid found; with `url` `RGRID_API_KEY`. */
  readonly apiKey?: string
  /**
   * A profile of `~/.rgrid/credentials`; `local` is the grid of this machine. Default: `RGRID_PROFILE`, else the
   * project's, else `default` where there is one.
   */
  readonly profile?: string
  /** Gives up waiting; what runs on the grid goes on. */
  readonly signal?: AbortSignal
}

export type Needs = GridClient | Socket.WebSocketConstructor | Scope.Scope

type Named = CallOptions & { readonly cwd?: string }

/** One that is named is taken at its word. */
const at = (url: string, key: string = process.env["RGRID_API_KEY"] ?? "") =>
  isHttpUrl(url)
    ? Effect.succeed({ url: withoutSlash(url), key: Redacted.make(key), local: false })
    : Effect.fail(refused("url", url, "an address, like \"https://grid.example.com\""))

const found = Effect.fnUntraced(function*({ apiKey, cwd, profile, url }: Named) {
  if (url !== undefined) return yield* at(url, apiKey)
  const asked = { profile, cwd }
  if (apiKey === undefined) return yield* resolve(asked)
  const { RGRID_URL } = process.env
  const fromEnv = yield* RGRID_URL ? fromEnvironment({ RGRID_URL, RGRID_API_KEY: apiKey }) : Effect.succeedNone
  if (Option.isSome(fromEnv)) return fromEnv.value
  return { ...(yield* resolve(asked)), key: Redacted.make(apiKey) }
})

export const connection = (options: Named): Layer.Layer<Connection, ClientError> => Layer.effect(Connection, found(options))

/** Everything a call needs, in one layer. */
export const live = (options: CallOptions) => ClientLive.pipe(Layer.provide(connection(options)))

/** What a listener throws is the program's own, whatever it is. */
const thrown = (cause: Cause.Cause<ClientError>): Promise<unknown> =>
  Result.match(Cause.findError(cause), { onSuccess: told, onFailure: (other) => Promise.resolve(Cause.squash(other)) })

/** What is looked at here before any grid is asked or started, and then what is asked of the grid. */
export type Staged<A> = Effect.Effect<Effect.Effect<A, ClientError, Needs>, ClientError, Scope.Scope>

/** Runs one call to its end, as a promise. */
export const callStaged = async <A>(staged: Staged<A>, options: CallOptions): Promise<A> => {
  const exit = await Effect.runPromiseExit(
    staged.pipe(Effect.flatMap(Effect.provide(live(options))), Effect.scoped),
    options.signal === undefined ? {} : { signal: options.signal }
  )
  if (Exit.isSuccess(exit)) return exit.value
  if (options.signal?.aborted === true) throw options.signal.reason
  throw await thrown(exit.cause)
}

/** One of which nothing is to be looked at here. */
export const call = <A>(effect: Effect.Effect<A, ClientError, Needs>, options: CallOptions): Promise<A> =>
  callStaged(Effect.succeed(effect), options)
