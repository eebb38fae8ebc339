import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type * as Socket from "effect/socket/Socket"
import { Connection, layer } from "../client/Connection.ts"
import type { ClientError } from "../client/errors.ts"
import type { GridClient } from "../client/GridClient.ts"
import { ClientLive } from "../client/layers.ts"
import { RGridError, told } from "./errors.ts"

/** Which grid, and until when to wait. */
export interface CallOptions {
  /**
   * Base URL of a server. Default: `RGRID_URL`, else a profile, else the grid of this machine, which is started when it
   * isn't up.
   */
  readonly url?: string
  /** Default: `RGRID_API_KEY`. */
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

export const connection = ({ url, apiKey, profile, cwd }: Named): Layer.Layer<Connection, ClientError> =>
  url === undefined
    ? layer({ profile, cwd })
    : Layer.succeed(Connection, { url, key: Redacted.make(apiKey ?? process.env["RGRID_API_KEY"] ?? ""), local: false })

/** Everything a call needs, in one layer. */
export const live = (options: CallOptions) => ClientLive.pipe(Layer.provide(connection(options)))

const thrown = (cause: Cause.Cause<ClientError>): Promise<unknown> => {
  const error = Cause.squash(cause)
  return typeof error === "object" && error !== null && "_tag" in error && !(error instanceof RGridError)
    ? told(error as ClientError)
    : Promise.resolve(error)
}

/** Runs one call to its end, as a promise. */
export const call = async <A>(effect: Effect.Effect<A, ClientError, Needs>, options: CallOptions): Promise<A> => {
  const exit = await Effect.runPromiseExit(
    effect.pipe(Effect.scoped, Effect.provide(live(options))),
    options.signal === undefined ? {} : { signal: options.signal }
  )
  if (Exit.isSuccess(exit)) return exit.value
  if (options.signal?.aborted === true) throw options.signal.reason
  throw await thrown(exit.cause)
}
