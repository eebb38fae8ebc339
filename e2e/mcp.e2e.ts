/** `rgrid mcp` as an assistant has it: over stdio, by a client that is not ours. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { rgridProgram, scripts, TestGrid, waitUntil } from "./harness.ts"
import { lateAnswer } from "./lateAnswer.ts"

const grid = new TestGrid()
const client = new Client({ name: "e2e", version: "1" })
let place: string

interface Answer {
  readonly isError?: boolean
  readonly text: string
  readonly data: any
}

const call = async (name: string, given: object, options: Parameters<Client["callTool"]>[2] = {}): Promise<Answer> => {
  const answer: any = await client.callTool({ name, arguments: { ...given } }, undefined, options)
  expect(answer.content).toHaveLength(1)
  return { isError: answer.isError ?? false, text: answer.content[0].text, data: answer.structuredContent }
}

beforeAll(async () => {
  await grid.up("process")
  place = grid.workplace(...["numbered.py", "exit3.py", "meets.py"].map((name) => join(scripts, name)))
  writeFileSync(join(place, "long.py"), "for n in range(20000): print(f'line {n} ä')\n")
  writeFileSync(join(place, "makes.py"), "open('a.txt', 'w').write('text\\n')\nopen('b.bin', 'wb').write(bytes(100))\n")
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: ["--", rgridProgram, "mcp"],
      cwd: place,
      env: grid.environment()
    })
  )
})
afterAll(async () => {
  await client.close()
  await grid.down()
})

describe("rgrid mcp", () => {
  it("says who it is, and what each tool takes", async () => {
    expect(client.getServerVersion()).toMatchObject({ name: "rgrid" })
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name).sort()).toEqual(["cancel", "cost", "list", "logs", "outputs", "run", "status"])
    for (const { description, inputSchema, name } of tools) {
      expect(description, name).toMatch(/\.$/)
      for (const [key, schema] of Object.entries(inputSchema.properties ?? {})) {
        expect(schema, `${name} ${key}`).toHaveProperty("description")
      }
    }
    expect(tools.find(({ name }) => name === "status")?.annotations).toMatchObject({ readOnlyHint: true })
    const destructive = tools.filter(({ annotations }) => annotations?.destructiveHint === true)
    expect(destructive.map(({ name }) => name).sort()).toEqual(["cancel", "outputs", "run"])
  })

  it("runs a script, with a word on the way, and its files appear here", async () => {
    const heard: Array<string | undefined> = []
    const ran = await call("run", { script: "numbered.py", args: ["one", "0"] }, {
      onprogress: ({ message }) => heard.push(message)
    })
    expect(ran).toMatchObject({ isError: false, data: { status: "completed", exitCode: 0, failure: null } })
    expect(ran.data.stdout).toEqual({ text: "begin one\nend one\n", totalBytes: 18, truncated: false })
    expect(ran.text).toContain("exit code 0")
    expect(ran.text).toContain("one.txt")
    expect(readFileSync(join(place, "one.txt"), "utf8")).toBe("result one\n")
    expect(heard[0]).toContain(ran.data.id)
  })

  it("answers a failed script with its code and cause, and no error", async () => {
    const ran = await call("run", { script: "exit3.py" })
    expect(ran).toMatchObject({
      isError: false,
      data: { status: "failed", exitCode: 3, failure: { code: "ScriptExited", what: "The script exited with code 3." } }
    })
    expect(ran.text).toContain("exit code 3")
    expect(ran.text).toContain("on stderr")
    expect((await call("status", { id: ran.data.id })).data).toMatchObject({ exitCode: 3 })
  })

  it("says of wrong input what is wrong, and what to do", async () => {
    const missing = await call("run", { script: "exit4.py" })
    expect(missing).toMatchObject({ isError: true, data: { error: { code: "ScriptMissing" } } })
    expect(missing.text).toBe("There is no file exit4.py.\nFix: Did you mean exit3.py?")
    const misspelt = await call("run", { scipt: "exit3.py" })
    expect([misspelt.isError, misspelt.text]).toEqual([true, expect.stringContaining("scipt")])
    expect(misspelt.text).toContain("Fix:")
    expect(await call("run", { script: "exit3.py", memory: "lots" })).toMatchObject({ isError: true })
    expect(await call("status", { id: "exec_nonsense" })).toMatchObject({
      isError: true,
      data: { error: { code: "ExecutionUnknown" } }
    })
  })

  it("bounds what it tells, and tells the rest when asked", async () => {
    const { data: { id, stdout } } = await call("run", { script: "long.py" })
    expect(stdout).toMatchObject({ truncated: true })
    expect(Buffer.byteLength(stdout.text)).toBeLessThanOrEqual(8 * 1024)
    expect(stdout.text).toMatch(/line 19999 ä\n$/)
    const last = await call("logs", { id, maxBytes: 100 })
    expect(last.data).toMatchObject({ truncated: true, totalBytes: stdout.totalBytes })
    expect(last.text).toContain("line 19999 ä\n")
    const first = await call("logs", { id, from: 0, maxBytes: 10 })
    expect(first.data.text).toBe("line 0 ä\n")
    const next = await call("logs", { id, from: Buffer.byteLength(first.data.text), maxBytes: 10 })
    expect(next.data.text).toBe("line 1 ä\n")
    const cut = await call("logs", { id, from: 0, maxBytes: 8 })
    expect(cut.data).toMatchObject({ text: "line 0 ", from: 0, to: 7, truncated: true })
    expect(cut.text).toContain("[bytes 0 to 7 of")
    const behind = await call("logs", { id, from: last.data.totalBytes - 2, maxBytes: 10 })
    expect([behind.text, behind.data.to]).toEqual(["�\n", last.data.totalBytes])
  })

  it("lists what a script made, reads text, and writes it all where it is wanted", async () => {
    const { data: { id } } = await call("run", { script: "makes.py", outputs: "grid" })
    expect(existsSync(join(place, "a.txt"))).toBe(false)
    const all = await call("outputs", { id })
    expect(all.data.outputs).toEqual([{ path: "a.txt", type: "file", bytes: 5 }, {
      path: "b.bin",
      type: "file",
      bytes: 100
    }])
    expect(await call("outputs", { id, path: "a.txt" })).toMatchObject({ isError: false, text: "text\n" })
    expect(await call("outputs", { id, path: "b.bin" })).toMatchObject({
      isError: true,
      text: expect.stringContaining("Fix:")
    })
    expect((await call("outputs", { id, path: "a.text" })).text).toContain("Did you mean a.txt?")
    expect(await call("outputs", { id, directory: "back" })).toMatchObject({ data: { count: 2 } })
    expect(readFileSync(join(place, "back/a.txt"), "utf8")).toBe("text\n")
    expect((await call("list", { script: "makes.py" })).data.executions).toMatchObject([{ id }])
    expect((await call("cost", {})).data.total.executions).toBeGreaterThan(0)
  })

  it("says what is not here as it would be had it run here", async () => {
    writeFileSync(join(place, "in.txt"), "")
    writeFileSync(join(place, "removes.py"), "import os, sys\nos.remove(sys.argv[1])\nopen('left.txt', 'w').write('theirs')\n")
    const ran = await call("run", { script: "removes.py", args: ["in.txt"] })
    expect(ran.text).toContain("The script removed in.txt; it is still here")
    expect(ran.data.files).toMatchObject({ writtenCount: 1, deleted: ["in.txt"], refused: [], beside: [], skipped: [] })
    mkdirSync(join(place, "elsewhere"))
    writeFileSync(join(place, "elsewhere/left.txt"), "ours")
    const fetched = await call("outputs", { id: ran.data.id, directory: "elsewhere" })
    expect(fetched.text).toContain("left.txt changed here meanwhile; the script's is in left")
    expect(fetched.data).toMatchObject({ count: 1, beside: [{ path: "left.txt" }], skipped: [], deleted: ["in.txt"] })
    expect(readFileSync(join(place, "elsewhere/left.txt"), "utf8")).toBe("ours")
  })

  it("does two things at once, and tells of the one how far it is", async () => {
    const [a, b] = [join(grid.home, "a"), join(grid.home, "b")]
    const first = { script: "meets.py", args: [a, b], outputs: "grid" }
    const second = { ...first, args: [b, a] }
    let one: Promise<Answer> | undefined
    // Its own words come before it can have ended: it waits for the other.
    await new Promise<void>((resolve) => {
      const onprogress = ({ message = "" }) => message === "here" && resolve()
      one = call("run", first, { onprogress })
    })
    const both = await Promise.all([one, call("run", second)])
    expect(both.map((answer) => answer?.data.exitCode)).toEqual([0, 0])
  })

  it("cancels what is given up, and lets go on what is not waited for", async () => {
    const given = new AbortController()
    const running = new Promise<string>((resolve) => {
      const onprogress = ({ message = "" }) => resolve(/exec_\w+/.exec(message)?.[0] ?? "")
      call("run", { script: "meets.py", args: ["x", "never"] }, { signal: given.signal, onprogress }).catch(() =>
        undefined
      )
    })
    const id = await running
    given.abort()
    await waitUntil("it is canceled", async () => (await grid.json(["status", id])).state === "canceled" || undefined)
    const left = await call("run", { script: "meets.py", args: ["y", "never"], waitSeconds: 0 })
    expect(["queued", "running"]).toContain(left.data.status)
    expect(await call("cancel", { id: left.data.id })).toMatchObject({ isError: false })
    expect((await call("status", { id: left.data.id, waitSeconds: 60 })).data).toMatchObject({ status: "canceled" })
  })

  it("cancels also what it has not heard of yet", async () => {
    const late = await lateAnswer(grid.file().url)
    const other = new Client({ name: "e2e", version: "1" })
    try {
      const env = { ...grid.named(), RGRID_URL: late.url }
      await other.connect(new StdioClientTransport({ command: process.execPath, args: ["--", rgridProgram, "mcp"], cwd: place, env }))
      const given = new AbortController()
      const asked = { name: "run", arguments: { script: "meets.py", args: ["z", "never"] } }
      const answer = other.callTool(asked, undefined, { signal: given.signal }).catch(() => "given up")
      const { execution: { id } } = await late.kept
      given.abort()
      expect(await answer).toBe("given up")
      await waitUntil("it is canceled", async () => (await grid.json(["status", id])).state === "canceled" || undefined)
    } finally {
      await other.close()
      late.close()
    }
  })

  it("writes nothing but the protocol to stdout, and ends with its stdin", async () => {
    const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "raw", version: "1" } }
    const messages = [
      { jsonrpc: "2.0", id: 1, method: "initialize", params },
      { jsonrpc: "2.0", method: "notifications/initialized" },
      { jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "run", arguments: { script: "exit3.py" } } }
    ]
    const server = grid.start(["mcp"], { cwd: place, stdin: { open: true } })
    for (const message of messages) server.child.stdin!.write(`${JSON.stringify(message)}\n`)
    await waitUntil("the run is answered", () => server.stdout().includes("\"id\":2") || undefined)
    server.child.stdin!.end()
    const { code, stdout } = await server.finished
    const told = stdout.toString().trimEnd().split("\n").map((line) => JSON.parse(line))
    expect([code, told.every(({ jsonrpc }) => jsonrpc === "2.0")]).toEqual([0, true])
  })
})
