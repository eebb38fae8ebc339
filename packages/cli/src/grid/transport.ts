/**
 * How this program speaks to a grid: Node's own client and `ws`. `fetch` and `WebSocket` would load all of undici first,
 * which takes longer than a script that prints one line.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeWS from "@effect/platform-node/NodeWS"
import * as Layer from "effect/Layer"
import { GridClient } from "rgrid/client/GridClient"

const { globalAgent: http } = process.getBuiltinModule("node:http")
const { globalAgent: https } = process.getBuiltinModule("node:https")

/** Connections are kept from one question to the next, for as long as the program lives. */
export const overHttp = NodeHttpClient.layerNodeHttpNoAgent.pipe(
  Layer.provide(Layer.succeed(NodeHttpClient.HttpAgent, NodeHttpClient.HttpAgent.of({ http, https })))
)

/** All that a command needs beside its `Connection`. */
export const client = GridClient.layer.pipe(Layer.provide(overHttp), Layer.merge(NodeWS.layerWebSocketConstructor))
