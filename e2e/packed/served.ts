/** An app that serves HTTP. */
import { spawn } from "node:child_process"
import { siteOf } from "../site.ts"
import type { Installed } from "./installed.ts"

/** Starts it by node, asks it for `path` once it answers, and ends it. */
export const answerOf = async (app: Installed, argv: ReadonlyArray<string>, path: string): Promise<unknown> => {
  const child = spawn(process.execPath, argv, { cwd: app.directory, env: { ...app.environment, PORT: "0" }, stdio: ["ignore", "pipe", "pipe"] })
  let said = ""
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => said += bytes.toString())
  try {
    const answer = await fetch(`${await siteOf(() => said)}${path}`)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${answer.status} ${text}\n${said}`)
    return JSON.parse(text)
  } finally {
    child.kill("SIGTERM")
    await new Promise((resolve) => child.exitCode === null && child.signalCode === null ? child.once("close", resolve) : resolve(null))
  }
}
