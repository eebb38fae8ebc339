/** How the grid itself says an execution ended. */
import type { TestGrid } from "../harness.ts"
import type { Ended } from "./Door.ts"

/** Of an execution as the API has it. */
export const endedOf = (execution: any): Ended => ({
  status: execution.state === "timed_out" ? "timed out" : execution.state,
  exitCode: execution.exitCode,
  failure: execution.failure?._tag ?? null
})

/** Bytes of an execution's log, where a way in shows them to people only. */
export const logOf = async (grid: TestGrid, id: string) => {
  const { stdout } = await grid.run(["logs", id, "--json"])
  const events = stdout.toString().trim().split("\n").filter((line) => line !== "").map((line) => JSON.parse(line))
  return { stdout: bytesOf(events, "stdout"), stderr: bytesOf(events, "stderr") }
}

/** Of the events that the command line tells. */
export const bytesOf = (events: ReadonlyArray<any>, stream: string): Buffer =>
  Buffer.concat(
    events.filter((event) => event.type === "output" && event.stream === stream).map((event) =>
      event.text === undefined ? Buffer.from(event.base64, "base64") : Buffer.from(event.text)
    )
  )
