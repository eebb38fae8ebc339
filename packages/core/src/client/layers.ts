/** Everything a caller's program needs beside a `Connection`: one layer for command line, SDK and Action. */
import * as Layer from "effect/Layer"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Socket from "effect/socket/Socket"
import { GridClient } from "./GridClient.ts"

/** Node's and Bun's own WebSocket takes handshake headers as an option that the browser's type does not know. */
const webSocket = Layer.succeed(Socket.WebSocketConstructor)(
  (url, options) => new globalThis.WebSocket(url, options as string | Array<string> | undefined)
)

export const ClientLive = GridClient.layer.pipe(
  Layer.provide(FetchHttpClient.layer),
  Layer.merge(webSocket)
)
