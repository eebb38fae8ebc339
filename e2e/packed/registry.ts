/** A registry that has our packed packages, as if they were published; of others it tells where they are. */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { basename } from "node:path"
import { local } from "../harness.ts"

export interface Packed {
  readonly name: string
  readonly version: string
  readonly path: string
}

export interface Registry {
  readonly url: string
  readonly close: () => Promise<void>
}

const manifestOf = async (path: string): Promise<object> => {
  const { stdout } = await local("tar", ["-xzOf", path, "package/package.json"], "/")
  return JSON.parse(stdout.toString()) as object
}

const digest = (algorithm: string, bytes: Buffer, encoding: "base64" | "hex") =>
  createHash(algorithm).update(bytes).digest(encoding)

const describe = async ({ name, path, version }: Packed, url: string) => {
  const bytes = readFileSync(path)
  const dist = {
    tarball: `${url}/-/${basename(path)}`,
    shasum: digest("sha1", bytes, "hex"),
    integrity: `sha512-${digest("sha512", bytes, "base64")}`
  }
  const published = "2026-01-01T00:00:00.000Z"
  return {
    name,
    "dist-tags": { latest: version },
    versions: { [version]: { ...await manifestOf(path), dist } },
    time: { created: published, modified: published, [version]: published }
  }
}

const json = (response: ServerResponse, body: unknown): void => {
  response.setHeader("content-type", "application/json").end(JSON.stringify(body))
}

/** The registry of this machine. */
const upstreamOfAll = async (): Promise<string> =>
  (await local("npm", ["config", "get", "registry"], tmpdir())).stdout.toString().trim().replace(/\/$/, "")

export const serve = async (packed: ReadonlyArray<Packed>): Promise<Registry> => {
  const upstream = await upstreamOfAll()
  const documents = new Map<string, unknown>()
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "")
    const document = documents.get(path.slice(1))
    const file = packed.find((candidate) => path === `/-/${basename(candidate.path)}`)
    if (document !== undefined) json(response, document)
    else if (file !== undefined) response.end(readFileSync(file.path))
    else response.writeHead(302, { location: `${upstream}${request.url}` }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const one of packed) documents.set(one.name, await describe(one, url))
  return {
    url,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    }
  }
}
