/** The process that a server or a runner lives in, without the command line that found out its settings. */
import { writeFile } from "node:fs/promises"
import { collecting } from "./collecting.ts"
import { frugal, type Part, variable } from "./Part.ts"

const started = async (part: Part, signal: AbortSignal): Promise<void> => {
  if (part.name === "runner") {
    const { run } = await import("@rgrid/runner")
    return run(part.settings, signal)
  }
  const { run } = await import("@rgrid/server")
  const { idle, ...settings } = part.settings
  if (idle === undefined) return run(settings, signal)
  const { limitMillis, stopFile } = idle
  return run({ ...settings, idle: { limitMillis, end: () => writeFile(stopFile, "") } }, signal)
}

const ended = async (part: Part): Promise<number> => {
  const controller = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => controller.abort())
  try {
    await started(part, controller.signal)
    return 130
  } catch (cause) {
    const { tell } = await import("./notStarted.ts")
    return tell(part.name, cause)
  }
}

const told = process.env[variable] ?? ""
// Not for those that are started from here.
for (const name of [variable, ...Object.keys(frugal)]) delete process.env[name]
collecting()
// Connections that are kept, or whose closing nobody waits for, would hold the program.
process.exit(await ended(JSON.parse(told) as Part))
