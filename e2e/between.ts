/** Stands between a client and its grid, and meddles with some of what passes. */
import { createServer, request, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"

/** Answered in the grid's place, which is not asked. */
export interface Instead {
  readonly status: number
  readonly type: string
  readonly body: string
}

export interface Meddling {
  /** What is asked for instead. */
  readonly path?: (path: string) => string
  /** What an answer becomes: another, or none at all. Null: it passes as it comes. */
  readonly answer: (incoming: IncomingMessage) => ((answer: string) => string | undefined) | Instead | null
}

export interface Between {
  readonly url: string
  readonly close: () => void
}

export const isSubmission = ({ method, url }: IncomingMessage): boolean =>
  method === "POST" && /^\/api\/v1\/(executions|batches)\/?$/.test(url!)

export const between = async (grid: string, { answer: change, path = (same) => same }: Meddling): Promise<Between> => {
  const server = createServer((incoming, outgoing) => {
    const changed = change(incoming)
    if (changed !== null && "status" in changed) {
      return void outgoing.writeHead(changed.status, { "content-type": changed.type }).end(changed.body)
    }
    const headers = { ...incoming.headers, host: new URL(grid).host }
    const onward = request(new URL(path(incoming.url!), grid), { method: incoming.method!, headers }, async (answer) => {
      const { "content-length": _length, ...kept } = answer.headers
      if (changed === null) return answer.pipe(outgoing.writeHead(answer.statusCode!, answer.headers))
      const said = changed(await text(answer))
      if (said !== undefined) outgoing.writeHead(answer.statusCode!, kept).end(said)
    })
    onward.on("error", () => outgoing.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}
