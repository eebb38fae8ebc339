/** `fetch` and nothing else: what a program in any language can do with the document at `/openapi.json`. */
import { setTimeout as wait } from "node:timers/promises"
import { sha256, type TestGrid } from "../../harness.ts"
import type { Door, Ended, Outcome, Scenario } from "../Door.ts"
import { endedOf } from "../ended.ts"
import { snapshot } from "../place.ts"

type Ask = (method: string, path: string, body?: string, type?: string) => Promise<any>

const asking = (grid: TestGrid): Ask => {
  const { key, url } = grid.file()
  return async (method, path, body, type = "application/json") => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { "content-type": type }) },
      ...(body === undefined ? {} : { body })
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
}

const contentOf = (bytes: Buffer) => ({
  size: bytes.length,
  sha256: sha256(bytes),
  parts: bytes.length === 0 ? [] : [sha256(bytes)]
})

const interpreters: Readonly<Record<string, readonly [runtime: string, program: ReadonlyArray<string>]>> = {
  py: ["python:3.11", ["python3"]],
  sh: ["bash", ["bash"]],
  js: ["node:24", ["node"]]
}

const specOf = (scenario: Scenario, place: string, files: ReadonlyMap<string, Buffer>) => {
  const [runtime, interpreter] = interpreters[scenario.script.slice(scenario.script.lastIndexOf(".") + 1)] ?? ["bash", []]
  return {
    version: 1,
    runtime: scenario.runtime ?? runtime,
    script: scenario.script,
    args: scenario.args ?? [],
    interpreter,
    cwd: place,
    files: [...files].filter(([path]) => !path.endsWith("/")).map(([path, bytes]) => ({
      path,
      mode: bytes.subarray(0, 2).toString() === "#!" ? 0o755 : 0o644,
      content: contentOf(bytes)
    })),
    directories: [...files.keys()].filter((path) => path.endsWith("/")).map((path) => path.slice(0, -1)),
    env: scenario.env ?? {},
    secrets: scenario.secrets ?? {},
    ...(scenario.stdin === undefined ? {} : { stdin: contentOf(Buffer.from(scenario.stdin)) }),
    resources: scenario.memoryMegabytes === undefined ? {} : { memoryBytes: scenario.memoryMegabytes * 1024 ** 2 },
    ...(scenario.timeout === undefined ? {} : { timeoutSeconds: scenario.timeout }),
    network: scenario.network ?? "open",
    retries: 2,
    metadata: scenario.metadata ?? {}
  }
}

const send = async (grid: TestGrid, missing: ReadonlyArray<any>, known: ReadonlyArray<Buffer>): Promise<void> => {
  const bytes = new Map(known.map((one) => [sha256(one), one]))
  for (const { put, sha256: part } of missing) {
    const answer = await fetch(new URL(put.url, grid.file().url), { method: "PUT", headers: put.headers, body: bytes.get(part)! })
    if (!answer.ok) throw new Error(`PUT of ${part}: ${answer.status}`)
  }
}

const untilEnded = async (ask: Ask, path: string, isOver: (seen: any) => boolean): Promise<any> => {
  for (;;) {
    const seen = await ask("GET", path)
    if (isOver(seen)) return seen
    await wait(100)
  }
}

const logOf = async (ask: Ask, id: string) => {
  const streams: Record<string, Array<Buffer>> = { stdout: [], stderr: [] }
  for (let [offset, over] = [0, false]; !over;) {
    const page = await ask("GET", `/api/v1/executions/${id}/logs?offset=${offset}&wait=10`)
    for (const { bytes, stream } of page.segments) streams[stream]!.push(Buffer.from(bytes, "base64"))
    ;[offset, over] = [page.next, page.ended]
  }
  return { stdout: Buffer.concat(streams["stdout"]!), stderr: Buffer.concat(streams["stderr"]!) }
}

const outputsOf = async (ask: Ask, grid: TestGrid, id: string) => {
  const { manifest, parts } = await ask("GET", `/api/v1/executions/${id}/outputs`)
  const files: Record<string, Buffer> = {}
  const isHollow = (directory: string) => !manifest.outputs.some(({ path }: any) => path.startsWith(`${directory}/`))
  for (const { content, path, type } of manifest.outputs) {
    if (type === "directory") {
      if (isHollow(path)) files[`${path}/`] = Buffer.alloc(0)
      continue
    }
    const pieces = content.parts.map(async (part: string) => {
      const { headers, url } = parts[part]
      return Buffer.from(await (await fetch(new URL(url, grid.file().url), { headers })).arrayBuffer())
    })
    files[path] = Buffer.concat(await Promise.all(pieces))
  }
  return files
}

const single = async (scenario: Scenario, place: string, grid: TestGrid): Promise<Outcome> => {
  const [ask, files] = [asking(grid), snapshot(place)]
  const known = [...files.values(), Buffer.from(scenario.stdin ?? "")]
  let accepted = await ask("POST", "/api/v1/executions", JSON.stringify(specOf(scenario, place, files)))
  const { id } = accepted.execution
  if (accepted.missing.length > 0) {
    await send(grid, accepted.missing, known)
    accepted = await ask("POST", `/api/v1/executions/${id}/uploaded`)
  }
  const execution = await untilEnded(ask, `/api/v1/executions/${id}?wait=30`, ({ endedAt }) => endedAt !== null)
  return {
    ...endedOf(execution),
    ...await logOf(ask, id),
    files: await outputsOf(ask, grid, id),
    metadata: execution.metadata
  }
}

/** What a batch says of itself are numbers; which of them are a failure is for whoever asked to say. */
const statusOf = ({ counts, options }: any): Ended["status"] => {
  const failed = counts.failed + counts.timed_out
  return (options.failOn === "any" ? failed > 0 : counts.completed === 0) ? "failed" : "completed"
}

const many = async (scenario: Scenario, place: string, grid: TestGrid): Promise<Outcome> => {
  const [ask, files] = [asking(grid), snapshot(place)]
  const own = new Set(scenario.over)
  const shared = new Map([...files].filter(([path]) => !own.has(path)))
  const job = { ...specOf(scenario, place, shared), args: scenario.args ?? [] }
  const head = { version: 1, job, options: { failOn: scenario.failOn ?? "all", resume: false }, items: own.size }
  const items = [...own].map((item) => ({
    label: item,
    name: item.slice(item.lastIndexOf("/") + 1).replace(/\.\w+$/, ""),
    args: [...(scenario.args ?? []), item],
    files: files.has(item) ? [{ path: item, mode: 0o644, content: contentOf(files.get(item)!) }] : [],
    directories: []
  }))
  const lines = [head, ...items].map((line) => `${JSON.stringify(line)}\n`).join("")
  const accepted = await ask("POST", "/api/v1/batches", lines, "application/x-ndjson")
  const { id } = accepted.batch
  if (accepted.missing.length > 0) {
    await send(grid, accepted.missing, [...files.values()])
    await ask("POST", `/api/v1/batches/${id}/uploaded`)
  }
  const batch = await untilEnded(ask, `/api/v1/batches/${id}`, ({ endedAt }) => endedAt !== null)
  const { executions } = await ask("GET", `/api/v1/batches/${id}/executions?limit=1000`)
  const made: Record<string, Buffer> = {}
  for (const one of executions) {
    for (const [path, bytes] of Object.entries(await outputsOf(ask, grid, one.id))) made[`outputs/${one.batch.name}/${path}`] = bytes
  }
  return {
    status: statusOf(batch),
    exitCode: null,
    failure: null,
    stdout: Buffer.alloc(0),
    stderr: Buffer.alloc(0),
    files: made,
    metadata: {},
    items: Object.fromEntries(executions.map((one: any) => [one.batch.label, endedOf(one)]))
  }
}

export const http: Door = {
  name: "HTTP",
  lacks: {},
  run: (scenario, place, grid) => (scenario.over === undefined ? single : many)(scenario, place, grid)
}
