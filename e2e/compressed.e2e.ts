/**
 * Client, server and worker as if they were on three machines: between each two nothing but a connection, of which every
 * byte is counted.
 */
import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { closeSync, openSync, statSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { format, generate } from "rgrid/domain/ApiKey"
import { Counted } from "./counted.ts"
import { type RunningCommand, TestGrid, waitUntil } from "./harness.ts"

const mebibyte = 1024 * 1024
const size = 160 * mebibyte

/** What requests, logs and claims take beside the files. */
const talk = mebibyte

const hashOf = (bytes: string, cwd: string) => execFileSync("sh", ["-c", `${bytes} | sha256sum`], { cwd }).toString()

/** Lines of a log, none like another. */
const text = (path: string) => {
  const file = openSync(path, "w")
  for (let at = 0, line = 0; at < size;) {
    const ids = randomBytes(80_000).toString("hex")
    const lines = Array.from({ length: 10_000 }, (_, index) => {
      const id = ids.slice(index * 16, index * 16 + 16)
      return `2026-01-01T00:00:${line++ % 60}Z INFO request ${id} of account ${line % 977} took ${line * 7919 % 1000} ms\n`
    })
    at += writeSync(file, lines.join(""))
  }
  closeSync(file)
}

const random = (path: string) => execFileSync("sh", ["-c", 'head -c "$1" /dev/urandom > "$2"', "sh", `${size}`, path])

const copy = "import shutil\nwith open('in', 'rb') as a, open('out', 'wb') as b:\n  b.write(b'>')\n  shutil.copyfileobj(a, b, 1 << 20)\n"

describe("a large file between machines", () => {
  const place = new TestGrid()
  const key = format(generate())
  const running: Array<RunningCommand> = []
  let client: Counted
  let worker: Counted

  const start = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>) => {
    const command = place.start(args, { env })
    running.push(command)
    return command
  }

  beforeAll(async () => {
    const server = start(["server", "--port", "0", "--data", join(place.home, "data")], { RGRID_BOOTSTRAP_KEY: key })
    const port = await waitUntil("the server listens", () => /Listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(`${server.stdout()}${server.stderr()}`)?.[1])
    client = await Counted.to(Number(port))
    worker = await Counted.to(Number(port))
    start(["runner", "--sandbox", "process", "--slots", "1", "--state", join(place.home, "runner")], env(worker))
    await waitUntil("the worker is there", async () => (await place.json(["workers"], { env: env(client) })).length === 1 || undefined)
  })
  afterAll(async () => {
    for (const { child } of running.toReversed()) child.kill("SIGTERM")
    await Promise.all(running.map(({ finished }) => finished))
    await place.down()
    client.close()
    worker.close()
  })

  const env = (by: Counted) => ({ RGRID_URL: by.url, RGRID_API_KEY: key })

  const runs = async (make: (path: string) => void, { said = "", spoilt }: { said?: string; spoilt?: number } = {}) => {
    const cwd = place.workplace()
    make(join(cwd, "in"))
    writeFileSync(join(cwd, "copy.py"), copy)
    for (const counted of [client, worker]) counted.reset(spoilt)
    expect(await place.run(["run", "copy.py", "in"], { cwd, env: env(client) })).toMatchObject({ code: 0, stderr: said })
    const sizes = ["in", "out"].map((name) => statSync(join(cwd, name)).size) as [number, number]
    expect(sizes[1]).toBe(sizes[0] + 1)
    expect(hashOf("tail -c +2 out", cwd)).toBe(hashOf("cat in", cwd))
    return sizes
  }

  it("of text takes a fraction of its size, each time it travels", async () => {
    const [sent, brought] = await runs(text)
    const fraction = 0.25
    expect(client.up).toBeLessThan(sent * fraction)
    expect(worker.down).toBeLessThan(sent * fraction)
    expect(worker.up).toBeLessThan(brought * fraction)
    expect(client.down).toBeLessThan(brought * fraction)
  })

  it("of text is whole though each way spoils a byte of it", async () => {
    const [sent, brought] = await runs(text, { spoilt: 10 * mebibyte, said: "Connection lost. Retrying… (1/5)\n" })
    for (const bytes of [client.up, worker.down]) expect(bytes).toBeLessThan(sent)
    for (const bytes of [worker.up, client.down]) expect(bytes).toBeLessThan(brought)
  })

  it("that can't be made less takes its size and a little", async () => {
    const [sent, brought] = await runs(random)
    for (const bytes of [client.up, worker.down]) expect(bytes - sent).toBeLessThan(talk)
    for (const bytes of [worker.up, client.down]) expect(bytes - brought).toBeLessThan(talk)
  })
})
