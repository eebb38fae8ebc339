/** Stands between two who speak to each other, and counts what passes. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net"

export class Counted {
  /** To the server, and from it. */
  up = 0
  down = 0
  private readonly sockets = new Set<Socket>()
  private readonly server: Server

  private constructor(port: number) {
    this.server = createServer((near) => {
      const far = connect(port, "127.0.0.1")
      near.on("data", ({ length }) => (this.up += length))
      far.on("data", ({ length }) => (this.down += length))
      for (const [one, other] of [[near, far], [far, near]] as const) {
        this.sockets.add(one)
        one.on("error", () => undefined)
        one.on("close", () => {
          this.sockets.delete(one)
          other.destroy()
        })
        one.pipe(other)
      }
    })
  }

  static async to(port: number): Promise<Counted> {
    const counted = new Counted(port)
    await new Promise<void>((done) => counted.server.listen(0, "127.0.0.1", done))
    return counted
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  reset(): void {
    this.up = 0
    this.down = 0
  }

  close(): void {
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
  }
}
