/**
 * A unix socket by which a slot's init speaks, past the engine: what an engine carries it copies several times.
 *
 * Orders still come over the engine's connection, whose end tells the init that its runner is dead. An init that can't
 * reach the socket (another kernel, a policy) speaks over that connection as well.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createServer, type Server } from "node:net"
import type { Readable } from "node:stream"

/** unix(7): room for a path in Linux's `sun_path`, without its final zero. */
const longestPath = 107

export interface Outlet {
  /** Absolute, on this machine. */
  readonly path: string
  /** Tells the connection that came, when one comes. */
  readonly answered: (tell: (readable: Readable) => void) => void
  /** Takes nobody more: a script shall not speak for its init. Idempotent. */
  readonly close: Effect.Effect<void>
}

const listen = (path: string): Promise<Server | null> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(null))
    server.listen(path, () => resolve(server))
  })

const of = (server: Server, path: string): Outlet => ({
  path,
  answered: (tell) => {
    server.once("connection", (socket) => {
      server.close()
      tell(socket)
    })
  },
  close: Effect.sync(() => server.close())
})

/** Null where none can be had. Nobody can connect any more when the scope has closed. */
export const make = (path: string): Effect.Effect<Outlet | null, never, Scope.Scope> =>
  Buffer.byteLength(path) > longestPath ? Effect.succeed(null) : Effect.acquireRelease(
    Effect.map(Effect.promise(() => listen(path)), (server) => server && of(server, path)),
    (outlet) => outlet?.close ?? Effect.void
  )
