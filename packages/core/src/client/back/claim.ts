/** One download at a time writes to a partial file. Freed by any death of its holder, as no file could be. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createHash } from "node:crypto"
import { connect, createServer, type Server } from "node:net"
import { rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

const addressOf = (path: string): string => {
  const name = `rgrid-${createHash("sha256").update(path).digest("hex").slice(0, 32)}`
  if (process.platform === "linux") return `\0${name}`
  return process.platform === "win32" ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`)
}

const listen = (address: string): Promise<Server | null> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(null))
    server.listen(address, () => resolve(server.unref()))
  })

const answers = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(address)
    socket.once("connect", () => resolve(socket.destroy() !== undefined))
    socket.once("error", () => resolve(false))
  })

const take = async (path: string): Promise<Server | null> => {
  const address = addressOf(path)
  const server = await listen(address)
  // Only a socket that is a file outlives its holder.
  if (server !== null || !address.startsWith("/") || await answers(address)) return server
  await rm(address, { force: true })
  return listen(address)
}

/** Whether the path is ours alone until the scope ends. Never waits, never fails. */
export const claim = (path: string): Effect.Effect<boolean, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(() => take(path)),
      (server) => Effect.sync(() => server?.close())
    ),
    (server) => server !== null
  )
