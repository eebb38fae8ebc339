/** An app that serves HTTP, on a port that was free. */
import { spawn } from "node:child_process"
import { createServer, type AddressInfo } from "node:net"
import { waitUntil } from "../harness.ts"
import type { Installed } from "./installed.ts"

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

/** Starts it by node, asks it for `path` until it answers, and ends it. */
export const answerOf = async (app: Installed, argv: ReadonlyArray<string>, path: string): Promise<unknown> => {
  const port = await freePort()
  const child = spawn(process.execPath, argv, { cwd: app.directory, env: { ...app.environment, PORT: String(port) }, stdio: ["ignore", "pipe", "pipe"] })
  let said = ""
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => said += bytes.toString())
  try {
    const listening = () => fetch(`http://127.0.0.1:${port}/`).then(() => true)
    await waitUntil("the app listens", listening, 30)
    const answer = await fetch(`http://127.0.0.1:${port}${path}`)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${answer.status} ${text}\n${said}`)
    return JSON.parse(text)
  } finally {
    child.kill("SIGTERM")
    await new Promise((resolve) => child.exitCode === null && child.signalCode === null ? child.once("close", resolve) : resolve(null))
  }
}
