/** Between a client and a server, a line that breaks: WebSockets end in the midst of a byte stream. */
import * as Effect from "effect/Effect"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

export interface CuttingProxy {
  readonly url: string
  readonly cuts: () => number
}

const closed = (sockets: Set<Socket>, close: () => void) =>
  Effect.sync(() => {
    for (const socket of sockets) socket.destroy()
    close()
  })

/** Cuts `times` WebSockets, each after some bytes of those it brought from the server, at most `most`. */
export const make = Effect.fnUntraced(function*(upstream: string, times: number, most: number) {
  const { hostname, port } = new URL(upstream)
  const sockets = new Set<Socket>()
  let cuts = 0
  const carry = (client: Socket) => {
    const server = connect(Number(port), hostname)
    let left = Number.POSITIVE_INFINITY
    const cut = () => [client, server].forEach((socket) => socket.destroy())
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on("error", cut).on("close", cut)
    }
    client.once("data", (head) => {
      // The answer to the upgrade passes, so that it is always a log that is cut.
      if (/upgrade: websocket/i.test(head.toString("latin1"))) left = 500 + Math.floor(Math.random() * most)
    })
    client.pipe(server)
    server.on("data", (bytes) => {
      const breaks = cuts < times && bytes.length > left
      const passing = breaks ? bytes.subarray(0, left) : bytes
      left -= passing.length
      if (breaks) {
        cuts++
        client.end(passing, cut)
      } else if (!client.write(passing)) {
        server.pause()
        client.once("drain", () => server.resume())
      }
    })
  }
  const listening = createServer(carry)
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void listening.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () => closed(sockets, () => listening.close())
  )
  const { port: own } = listening.address() as AddressInfo
  return { url: `http://127.0.0.1:${own}`, cuts: () => cuts } satisfies CuttingProxy
})
