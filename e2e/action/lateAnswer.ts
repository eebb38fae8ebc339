/** Stands between a step and its grid, and keeps the first answer to a submission to itself. */
import { createServer, request, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"

const submissions = /^\/api\/v1\/(executions|batches)\/?$/

export class LateAnswer {
  /** What the grid answered, and the step never heard. */
  readonly kept: Promise<any>
  private readonly server: Server

  private constructor(grid: string) {
    const { promise, resolve } = Promise.withResolvers<any>()
    this.kept = promise
    let isFirst = true
    this.server = createServer((incoming, outgoing) => {
      const isKept = incoming.method === "POST" && submissions.test(incoming.url!) && isFirst
      if (isKept) isFirst = false
      const headers = { ...incoming.headers, host: new URL(grid).host }
      const onward = request(new URL(incoming.url!, grid), { method: incoming.method!, headers }, async (answer) => {
        if (isKept) return resolve(JSON.parse(await text(answer)))
        outgoing.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(outgoing)
      })
      onward.on("error", () => outgoing.destroy())
      incoming.pipe(onward)
    })
  }

  static async start(grid: string): Promise<LateAnswer> {
    const late = new LateAnswer(grid)
    await new Promise<void>((done) => late.server.listen(0, "127.0.0.1", done))
    return late
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  close(): void {
    this.server.closeAllConnections()
    this.server.close()
  }
}
