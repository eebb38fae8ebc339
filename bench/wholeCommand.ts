import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { hasDocker } from "../scripts/testing/docker.ts"
import { rgridProgram, TestGrid } from "../e2e/harness.ts"
import { command, inTurn, type Row } from "./measure.ts"

/** `rgrid run hello.py` on a warm grid, from the shell's spawn to the exit, against `python3 hello.py`. */
export const wholeCommand = async (): Promise<ReadonlyArray<Row>> => {
  const rows: Array<Row> = []
  for (const sandbox of hasDocker ? (["docker", "process"] as const) : (["process"] as const)) {
    const grid = new TestGrid()
    try {
      await grid.up(sandbox)
      const place = grid.workplace()
      writeFileSync(join(place, "hello.py"), "print('hello')\n")
      const env = { ...process.env, RGRID_HOME: grid.directory }
      const measured = await inTurn(
        command(process.execPath, [rgridProgram, "run", "hello.py"], place, env),
        command("python3", ["hello.py"], place),
        15
      )
      rows.push({ name: "whole command", what: `rgrid run (${sandbox}) against python3`, unit: "ms", ...measured })
    } finally {
      await grid.down()
    }
  }
  return rows
}
