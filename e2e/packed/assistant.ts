/** What an assistant first asks of `rgrid mcp`, by a client that is not ours. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js"
import type { Installed } from "./installed.ts"

/** Who answered `initialize`, and the names that `tools/list` has. */
export const toolsOf = async (app: Installed, command: string, args: ReadonlyArray<string>, more: NodeJS.ProcessEnv = {}) => {
  const client = new Client({ name: "e2e", version: "1" })
  const env = Object.fromEntries(Object.entries({ ...app.environment, ...more }).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]))
  const transport = new StdioClientTransport({ command, args: [...args], cwd: app.directory, env, stderr: "pipe" })
  let said = ""
  transport.stderr?.on("data", (bytes: Buffer) => said += bytes.toString())
  try {
    await client.connect(transport)
    const { tools } = await client.listTools()
    return { server: client.getServerVersion(), tools: tools.map(({ name }) => name).toSorted() }
  } catch (error) {
    throw new Error(`${command} ${args.join(" ")} said: ${said.slice(-2000)}`, { cause: error })
  } finally {
    await client.close()
  }
}

export const allTools = ["cancel", "cost", "list", "logs", "outputs", "run", "status"]
