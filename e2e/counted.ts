/** Stands between two who speak to each other, counts what passes, and can spoil it. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net"

export class Counted {
  /** To the server, and from it. */
  up = 0
  down = 0
  /** Which byte of each way becomes another, from 0. */
  private spoilt = Number.POSITIVE_INFINITY
  private readonly sockets = new Set<Socket>()
  private readonly server: Server

  private constructor(port: number) {
    this.server = createServer((near) => {
      const far = connect(port, "127.0.0.1")
      // They hear of it before who passes it on.
      near.on("data", (bytes: Buffer) => (this.up = this.passed(bytes, this.up)))
      far.on("data", (bytes: Buffer) => (this.down = this.passed(bytes, this.down)))
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

  reset(spoilt = Number.POSITIVE_INFINITY): void {
    this.up = 0
    this.down = 0
    this.spoilt = spoilt
  }

  private passed(bytes: Buffer, before: number): number {
    const at = this.spoilt - before
    if (at >= 0 && at < bytes.length) bytes[at]! ^= 1
    return before + bytes.length
  }

  close(): void {
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
  }
}
