/** A registry with one image of one layer, which it hands out in two halves: the second when it is told to. */
import * as Effect from "effect/Effect"
import { execFileSync } from "node:child_process"
import { createHash, randomBytes } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`

const layerOf = (bytes: number): Buffer => {
  const directory = mkdtempSync(join(tmpdir(), "rgrid-layer-"))
  try {
    // Not to be compressed, and another image each time.
    writeFileSync(join(directory, "blob"), randomBytes(bytes))
    execFileSync("tar", ["-cf", "layer.tar", "blob"], { cwd: directory })
    return readFileSync(join(directory, "layer.tar"))
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const media = "application/vnd.docker"

const imageOf = (layer: Buffer) => {
  const config = Buffer.from(JSON.stringify({
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: { Env: ["PATH=/bin"] },
    rootfs: { type: "layers", diff_ids: [digestOf(layer)] }
  }))
  const manifest = Buffer.from(JSON.stringify({
    schemaVersion: 2,
    mediaType: `${media}.distribution.manifest.v2+json`,
    config: { mediaType: `${media}.container.image.v1+json`, size: config.length, digest: digestOf(config) },
    layers: [{ mediaType: `${media}.image.rootfs.diff.tar`, size: layer.length, digest: digestOf(layer) }]
  }))
  return { config, manifest }
}

export const make = Effect.acquireRelease(
  Effect.promise(async () => {
    const layer = layerOf(8 * 1024 * 1024)
    const { config, manifest } = imageOf(layer)
    const waiting: Array<() => void> = []
    const halves = (response: ServerResponse) => {
      const half = layer.length / 2
      response.writeHead(200, { "content-length": layer.length }).write(layer.subarray(0, half))
      waiting.push(() => response.end(layer.subarray(half)))
    }
    const server = createServer(({ url = "" }, response) => {
      if (url === "/v2/") return response.writeHead(200).end()
      if (url.endsWith(`/blobs/${digestOf(config)}`)) return response.writeHead(200).end(config)
      if (url.endsWith(`/blobs/${digestOf(layer)}`)) return halves(response)
      if (!url.startsWith("/v2/acme/tool/manifests/")) return response.writeHead(404).end()
      const headers = {
        "content-type": `${media}.distribution.manifest.v2+json`,
        "content-length": manifest.length,
        "docker-content-digest": digestOf(manifest)
      }
      return response.writeHead(200, headers).end(manifest)
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { port } = server.address() as AddressInfo
    return {
      image: `127.0.0.1:${port}/acme/tool:1`,
      layerBytes: layer.length,
      giveRest: () => waiting.splice(0).forEach((give) => give()),
      server
    }
  }),
  ({ image, server }) =>
    Effect.sync(() => {
      server.close().closeAllConnections()
      try {
        execFileSync("docker", ["rmi", "-f", image], { stdio: "ignore" })
      } catch {
        // It never came.
      }
    })
)
