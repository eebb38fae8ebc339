/** A registry that has our packed packages, as if they were published; of others it tells where they are. */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { basename } from "node:path"
import { text } from "node:stream/consumers"
import { local } from "../harness.ts"

export interface Packed {
  readonly name: string
  readonly version: string
  readonly path: string
}

export interface Registry {
  readonly url: string
  /** Names of what was published to it, in order. */
  readonly puts: ReadonlyArray<string>
  readonly close: () => Promise<void>
}

interface Manifest {
  readonly name: string
  readonly version: string
}

const manifestOf = async (path: string): Promise<Manifest> => {
  const { stdout } = await local("tar", ["-xzOf", path, "package/package.json"], "/")
  return JSON.parse(stdout.toString()) as Manifest
}

const digest = (algorithm: string, bytes: Buffer, encoding: "base64" | "hex") =>
  createHash(algorithm).update(bytes).digest(encoding)

const published = "2026-01-01T00:00:00.000Z"

/** Of each version what it says of itself and where it is, the latest one last. */
const documentOf = (name: string, versions: ReadonlyArray<Manifest & { readonly dist: object }>) => ({
  name,
  "dist-tags": { latest: versions.at(-1)!.version },
  versions: Object.fromEntries(versions.map((manifest) => [manifest.version, manifest])),
  time: { created: published, modified: published, ...Object.fromEntries(versions.map(({ version }) => [version, published])) }
})

const describe = async ({ path }: Packed, url: string, newer: ReadonlyArray<string>) => {
  const bytes = readFileSync(path)
  const manifest = await manifestOf(path)
  const dist = {
    tarball: `${url}/-/${basename(path)}`,
    shasum: digest("sha1", bytes, "hex"),
    integrity: `sha512-${digest("sha512", bytes, "base64")}`
  }
  const versions = [{ ...manifest, dist }]
  // Nobody gets it: what asks for the latest one fails.
  if (newer.includes(manifest.name)) versions.push({ ...manifest, version: "999.0.0", dist: { ...dist, tarball: `${url}/${manifest.name}/999.tgz` } })
  return documentOf(manifest.name, versions)
}

const json = (response: ServerResponse, body: unknown, status = 200): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
}

const isOurs = (name: string): boolean => /^(?:rgrid$|@rgrid\/)/.test(name)

/** The registry of this machine. */
const upstreamOfAll = async (): Promise<string> =>
  (await local("npm", ["config", "get", "registry"], tmpdir())).stdout.toString().trim().replace(/\/$/, "")

/** `packed`: what is published already; `newer`: of which of these a later version is, which can't be installed. */
export const serve = async (packed: ReadonlyArray<Packed>, newer: ReadonlyArray<string> = []): Promise<Registry> => {
  const upstream = await upstreamOfAll()
  const documents = new Map<string, unknown>()
  const puts: Array<string> = []
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(request.url ?? "").slice(1)
    const file = packed.find((candidate) => path === `-/${basename(candidate.path)}`)
    if (request.method === "PUT") {
      documents.set(path, JSON.parse(await text(request)))
      puts.push(path)
      json(response, { ok: true }, 201)
    } else if (documents.has(path)) json(response, documents.get(path))
    else if (file !== undefined) response.end(readFileSync(file.path))
    else if (isOurs(path)) json(response, { error: "Not found" }, 404)
    else response.writeHead(302, { location: `${upstream}${request.url}` }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const one of packed) documents.set(one.name, await describe(one, url, newer))
  return {
    url,
    puts,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    }
  }
}
