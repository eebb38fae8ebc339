/**
 * An index of Python packages and a registry of npm packages on this machine, which remember what they were asked for.
 * What installs, they have from the public ones.
 */
import * as Effect from "effect/Effect"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { networkInterfaces } from "node:os"
import { publicIndex, publicRegistry } from "../../src/dependencies/archives.ts"
import { tarball, versions, wheel, wheelName } from "./packages.ts"

/** As containers reach this machine. */
const address = (): string =>
  Object.values(networkInterfaces()).flat().find((one) => one?.family === "IPv4" && !one.internal)?.address ?? "127.0.0.1"

export interface PackageIndex {
  readonly url: string
  /** The same for this machine's own programs, without what installs. */
  readonly bare: string
  readonly registry: string
  /** How often somebody looked for the package: each installing does once. */
  readonly looks: () => number
  /** From now on wheels are asked for and never given, until the function that comes back is called. */
  readonly hold: () => () => void
}

const npm = async (path: string, { headers }: IncomingMessage, response: ServerResponse): Promise<void> => {
  const base = `http://${headers.host}/npm`
  if (path === "/greeting") {
    const dist = { tarball: `${base}/greeting/-/greeting-1.0.0.tgz` }
    const versions = { "1.0.0": { name: "greeting", version: "1.0.0", dist } }
    response.end(JSON.stringify({ name: "greeting", "dist-tags": { latest: "1.0.0" }, versions }))
  } else if (path === "/greeting/-/greeting-1.0.0.tgz") response.end(await tarball())
  else response.writeHead(307, { location: `${publicRegistry}${path}` }).end()
}

/** It ends with the scope. */
export const make = Effect.gen(function*() {
  let looks = 0
  let held: Array<() => void> | null = null
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const asked = request.url ?? ""
    const path = asked.replace(/^\/bare\//, "/")
    if (path === "/simple/greeting/") {
      looks++
      response.setHeader("content-type", "text/html")
      return response.end(versions.map((version) => `<a href="../../${wheelName(version)}">${wheelName(version)}</a>`).join("\n"))
    }
    if (path.startsWith("/npm/")) return void npm(path.slice("/npm".length), request, response)
    const version = versions.find((version) => path === `/${wheelName(version)}`)
    if (version === undefined) {
      const away = asked === "/simple/uv/"
      return response.writeHead(away ? 307 : 404, away ? { location: `${publicIndex}/uv/` } : {}).end()
    }
    const give = () => void response.end(wheel(version))
    return held === null ? give() : held.push(give)
  }
  const server = yield* Effect.acquireRelease(
    Effect.callback<ReturnType<typeof createServer>>((resume) => {
      const server = createServer(answer).listen(0, "0.0.0.0", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )
  const { port } = server.address() as AddressInfo
  return {
    bare: `http://127.0.0.1:${port}/bare/simple`,
    url: `http://${address()}:${port}/simple`,
    registry: `http://${address()}:${port}/npm`,
    looks: () => looks,
    hold: () => {
      const waiting: Array<() => void> = []
      held = waiting
      return () => {
        held = null
        for (const give of waiting) give()
      }
    }
  } satisfies PackageIndex as PackageIndex
})
