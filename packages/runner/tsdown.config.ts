import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { defineConfig } from "tsdown"
import { bundled } from "../../scripts/bundled.ts"

const platform = createRequire(import.meta.url).resolve("@effect/platform-node/NodeHttpClient")
const undici = dirname(createRequire(platform).resolve("undici"))
const from = (file: string) => JSON.stringify(join(undici, "lib", file))

/** All that the HTTP client takes of undici, put together as its index does: the rest (fetch, caches, mocks) is 60 modules. */
const agent = `
import request from ${from("api/api-request.js")}
import Agent from ${from("dispatcher/agent.js")}
import Dispatcher from ${from("dispatcher/dispatcher.js")}
Dispatcher.prototype.request = request
export { Agent }
export default { Agent }
`

/** dockerode loads them for engines behind SSH and for building images: the runner does neither. */
const unused = ["ssh2", "@grpc/grpc-js", "@grpc/proto-loader", "protobufjs", "tar-fs", "@balena/dockerignore"]

const slim = {
  name: "slim",
  resolveId: (id: string) => (id === "undici" || unused.includes(id) ? `\0slim:${id}` : null),
  load: (id: string) => {
    if (!id.startsWith("\0slim:")) return null
    return id.endsWith(":undici") ? agent : "export default {}"
  }
}

export default defineConfig([bundled("src/main.ts", [slim])])
