/** The port of the grid of this machine. */
import * as Effect from "effect/Effect"
import { createServer } from "node:net"

export const host = "127.0.0.1"

const preferred = 7400

/** The port that could be bound, or none. 0 is any. */
const bind = (port: number): Effect.Effect<number | null> =>
  Effect.callback((resume) => {
    const server = createServer()
    server.once("error", () => resume(Effect.succeed(null)))
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address()
      server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : port)))
    })
  })

/** The one it had, so that addresses stay good; else the usual one; else any that is free. Of 0, any. */
export const choosePort = (had: number | undefined): Effect.Effect<number> =>
  Effect.gen(function*() {
    for (const port of had === undefined ? [preferred] : [had, preferred]) {
      const bound = yield* bind(port)
      if (bound !== null) return bound
    }
    return (yield* bind(0)) ?? preferred
  })
