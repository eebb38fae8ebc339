/** An assistant's call of the tool `run`, by a client that is not ours. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js"
import { rgridProgram } from "../../harness.ts"
import type { Door, Outcome, Scenario } from "../Door.ts"
import { logOf } from "../ended.ts"
import { changed, snapshot } from "../place.ts"

const inputOf = (scenario: Scenario) => ({
  script: scenario.script,
  args: [...scenario.args ?? []],
  ...(scenario.runtime === undefined ? {} : { runtime: scenario.runtime }),
  ...(scenario.env === undefined ? {} : { env: scenario.env }),
  ...(scenario.stdin === undefined ? {} : { stdin: scenario.stdin }),
  ...(scenario.timeout === undefined ? {} : { timeoutSeconds: scenario.timeout }),
  ...(scenario.memoryMegabytes === undefined ? {} : { memory: `${scenario.memoryMegabytes}m` }),
  ...(scenario.network === undefined ? {} : { network: scenario.network }),
  ...(scenario.metadata === undefined ? {} : { metadata: scenario.metadata })
})

export const mcp: Door = {
  name: "Model Context Protocol",
  lacks: {
    batch: "one script a call",
    secrets: "what an assistant says is no secret any more: a project's settings name them"
  },
  run: async (scenario, place, grid): Promise<Outcome> => {
    const before = snapshot(place)
    const client = new Client({ name: "conformance", version: "1" })
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: ["--", rgridProgram, "mcp"], cwd: place, env: grid.environment() })
    )
    try {
      const answer: any = await client.callTool({ name: "run", arguments: inputOf(scenario) })
      if (answer.isError) throw new Error(answer.content[0].text)
      const { exitCode, failure, id, status, stderr, stdout } = answer.structuredContent
      const log = await logOf(grid, id)
      return {
        status,
        exitCode,
        failure: failure?.code ?? null,
        // It tells the end of what is long.
        stdout: stdout.truncated ? log.stdout : Buffer.from(stdout.text),
        stderr: stderr.truncated ? log.stderr : Buffer.from(stderr.text),
        files: changed(before, snapshot(place)),
        metadata: (await grid.json(["status", id])).metadata
      }
    } finally {
      await client.close()
    }
  }
}
