/** A server of this test's own, for what no real one would answer. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { Connection } from "rgrid/client/Connection"
import { ClientLive } from "rgrid/client/layers"
import { type Batch, noCounts } from "rgrid/domain/Batch"

export interface Asked {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingMessage["headers"]
  readonly body: string
}

/** Null: the connection is cut. */
export type Answer = { readonly status?: number; readonly json: unknown } | { readonly text: string } | null

export const fakeGrid = Effect.fnUntraced(function*(answer: (asked: Asked) => Answer) {
  const asked: Array<Asked> = []
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://grid")
      const one = { method: request.method ?? "", url, headers: request.headers, body: Buffer.concat(chunks).toString() }
      asked.push(one)
      const said = answer(one)
      if (said === null) return request.socket.destroy()
      if ("text" in said) return response.end(said.text)
      response.writeHead(said.status ?? 200, { "content-type": "application/json" })
      response.end(JSON.stringify(said.json))
    })
  })
  yield* Effect.acquireRelease(
    Effect.promise(() => new Promise<void>((done) => server.listen(0, "127.0.0.1", () => done()))),
    () => Effect.sync(() => server.closeAllConnections())
  )
  yield* Effect.addFinalizer(() => Effect.promise(() => new Promise<void>((done) => server.close(() => done()))))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const connection = Layer.succeed(Connection, { url, key: Redacted.make("k"), local: false })
  return { asked, url, client: ClientLive.pipe(Layer.provide(connection)) }
})

export const batchJson = (over: Partial<Record<keyof Batch, unknown>> = {}) => ({
  id: "batch_00000000000000000000000000",
  retryOf: null,
  script: "a.py",
  args: [],
  runtime: "python:3.11",
  cwd: "/w",
  metadata: {},
  total: 3,
  skipped: 0,
  options: { failOn: "all", resume: false, parallel: 2 },
  counts: { ...noCounts, queued: 3 },
  halted: null,
  createdAt: "2026-01-01T00:00:00.000Z",
  endedAt: null,
  cost: { micros: 0, isPriced: false },
  ...over
})

export const memberJson = (position: number) => ({
  id: `exec_${String(position).padStart(26, "0")}`,
  state: "completed",
  retryOf: null,
  batch: { id: "batch_00000000000000000000000000", position, label: `f${position}`, name: `f${position}` },
  attempt: 1,
  script: "a.py",
  args: [],
  runtime: "python:3.11",
  cwd: "/w",
  resources: {},
  timeoutSeconds: null,
  metadata: {},
  env: [],
  cancelRequested: false,
  createdAt: "2026-01-01T00:00:00.000Z",
  startedAt: "2026-01-01T00:00:00.000Z",
  endedAt: "2026-01-01T00:00:01.000Z",
  exitCode: 0,
  failure: null,
  runner: null,
  sandbox: null,
  outputs: { files: 0, bytes: 0 },
  log: { stdoutBytes: 0, stderrBytes: 0 },
  usage: null,
  cost: { micros: 0, phase: "estimated", price: null }
})
