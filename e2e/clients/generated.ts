/** Submits a script with a file, waits, reads its log and fetches what it made, through nothing but the generated client. */
import createClient from "openapi-fetch"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import type { components, paths } from "./rgrid.d.ts"

const url = process.env["RGRID_URL"]!
const client = createClient<paths>({
  baseUrl: url,
  headers: { authorization: `Bearer ${process.env["RGRID_API_KEY"]}` }
})

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

const [script, ...args] = process.argv.slice(2)
const files = [script!, ...args].map((path) => ({ path, bytes: readFileSync(path) }))
const bytesOf = new Map(files.map(({ bytes }) => [sha256(bytes), bytes]))

const given = <T>({ data, error }: { data?: T; error?: components["schemas"]["Problem"] }): T => {
  if (data === undefined) throw new Error(`${error?.code}: ${error?.detail}`)
  return data
}

let accepted = given(
  await client.POST("/api/v1/executions", {
    params: { header: { "idempotency-key": `typescript-${process.pid}` } },
    body: {
      runtime: "python",
      script: script!,
      args,
      interpreter: ["python3"],
      files: files.map(({ bytes, path }) => ({
        path,
        content: { size: bytes.length, sha256: sha256(bytes), parts: [sha256(bytes)] }
      })),
      metadata: { client: "typescript" }
    }
  })
)
const sent = accepted.missing.length
for (const { put, sha256 } of accepted.missing) {
  const stored = await fetch(new URL(put.url, url), {
    method: "PUT",
    headers: put.headers,
    body: new Blob([bytesOf.get(sha256)!])
  })
  if (!stored.ok) throw new Error(await stored.text())
}
const path = { id: accepted.execution.id }
if (sent > 0) accepted = given(await client.POST("/api/v1/executions/{id}/uploaded", { params: { path } }))

let execution = accepted.execution
while (execution.endedAt === null) {
  execution = given(await client.GET("/api/v1/executions/{id}", { params: { path, query: { wait: 30 } } }))
}

const log = given(await client.GET("/api/v1/executions/{id}/logs/text", { params: { path }, parseAs: "text" }))
const { manifest } = given(await client.GET("/api/v1/executions/{id}/outputs", { params: { path } }))
const made: Record<string, string> = {}
for (const output of manifest.outputs) {
  if (output.type !== "file") continue
  const where = { params: { path: { ...path, path: output.path } }, parseAs: "text" } as const
  made[output.path] = given(await client.GET("/api/v1/executions/{id}/outputs/{path}", where))
}

const unknown = await client.GET("/api/v1/executions/{id}", { params: { path: { id: "exec_nosuchthing" } } })
const problem = unknown.error!
// The kinds of problems are told apart by their types alone.
const status: 400 | 401 | 403 | 404 | 409 | 500 | 503 = problem.status

console.log(JSON.stringify({
  state: execution.state,
  exitCode: execution.exitCode,
  ended: new Date(execution.endedAt!).getFullYear() > 2000,
  sent,
  log,
  made,
  problem: [problem.code, status, problem.remediation]
}))
