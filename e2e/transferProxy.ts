/** Stands between a client and its grid, counts the parts that pass, and can hold them up or cut them off. */
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { TestGrid } from "./harness.ts"

export class TransferProxy {
  /** Parts that passed whole, by method and content. */
  readonly passed: Array<string> = []
  /** Parts of which some bytes went through and no more. */
  held = 0
  /** Parts that may still pass; those after them are held. */
  private left = Number.POSITIVE_INFINITY
  private readonly server: Server
  private readonly grid: TestGrid

  private constructor(grid: TestGrid) {
    this.grid = grid
    this.server = createServer((incoming, outgoing) => this.forward(incoming, outgoing))
  }

  static async start(grid: TestGrid): Promise<TransferProxy> {
    const proxy = new TransferProxy(grid)
    await new Promise<void>((done) => proxy.server.listen(0, "127.0.0.1", done))
    return proxy
  }

  /** What a client needs to speak to the grid through this. */
  get env(): Readonly<Record<string, string>> {
    const { port } = this.server.address() as AddressInfo
    return { RGRID_URL: `http://127.0.0.1:${port}`, RGRID_API_KEY: this.grid.file().key }
  }

  /** Counts from here on, with another limit. */
  reset(limit = Number.POSITIVE_INFINITY): void {
    this.passed.length = 0
    this.held = 0
    this.left = limit
  }

  cut(): void {
    this.server.closeAllConnections()
  }

  close(): void {
    this.cut()
    this.server.close()
  }

  private forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const part = /^\/objects\/.*\/([0-9a-f]{64})\?/.exec(incoming.url ?? "")?.[1]
    const holds = part !== undefined && --this.left < 0
    if (holds) this.held++
    const onward = request(new URL(incoming.url ?? "/", this.grid.file().url), {
      method: incoming.method,
      headers: { ...incoming.headers, host: new URL(this.grid.file().url).host }
    })
    const fail = () => outgoing.destroy()
    onward.on("error", fail)
    incoming.on("error", () => onward.destroy())
    outgoing.on("close", () => onward.destroy())
    onward.on("response", (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.on("error", fail)
      // Some of it goes through: half a part is what a lost connection leaves.
      if (holds) return void answer.once("data", (chunk: Buffer) => outgoing.write(chunk) && answer.pause())
      answer.on("end", () => {
        if (part !== undefined && (answer.statusCode ?? 500) < 300) this.passed.push(part)
      })
      answer.pipe(outgoing)
    })
    if (holds && incoming.method === "PUT") return void incoming.once("data", (chunk: Buffer) => onward.write(chunk))
    incoming.pipe(onward)
  }
}
