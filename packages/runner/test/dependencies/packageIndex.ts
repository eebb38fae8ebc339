/** An index of Python packages on this machine that remembers what it was asked for; what installs, it has from the public one. */
import * as Effect from "effect/Effect"
import { zipSync } from "fflate"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { networkInterfaces } from "node:os"
import { publicIndex } from "../../src/dependencies/archives.ts"

/** `greeting.py` of the package `greeting`, which says which version it is. */
const wheel = (version: string): Buffer => {
  const info = `greeting-${version}.dist-info`
  const text = (value: string) => Buffer.from(value)
  return Buffer.from(zipSync({
    "greeting.py": text(`version = "${version}"\n`),
    [`${info}/METADATA`]: text(`Metadata-Version: 2.1\nName: greeting\nVersion: ${version}\n`),
    [`${info}/WHEEL`]: text("Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
    [`${info}/RECORD`]: text(`greeting.py,,\n${info}/METADATA,,\n${info}/WHEEL,,\n${info}/RECORD,,\n`)
  }))
}

const fileOf = (version: string): string => `greeting-${version}-py3-none-any.whl`

const versions = ["1.0", "2.0", "3.0"]

/** As containers reach this machine. */
const address = (): string =>
  Object.values(networkInterfaces()).flat().find((one) => one?.family === "IPv4" && !one.internal)?.address ?? "127.0.0.1"

export interface PackageIndex {
  readonly url: string
  /** How often somebody looked for the package: each installing does once. */
  readonly looks: () => number
  /** From now on wheels are asked for and never given, until the function that comes back is called. */
  readonly hold: () => () => void
}

/** It ends with the scope. */
export const make = Effect.gen(function*() {
  let looks = 0
  let held: Array<() => void> | null = null
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? ""
    if (path === "/simple/greeting/") {
      looks++
      response.setHeader("content-type", "text/html")
      return response.end(versions.map((version) => `<a href="../../${fileOf(version)}">${fileOf(version)}</a>`).join("\n"))
    }
    const version = versions.find((version) => path === `/${fileOf(version)}`)
    if (version === undefined) {
      const away = path === "/simple/uv/"
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
    url: `http://${address()}:${port}/simple`,
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
