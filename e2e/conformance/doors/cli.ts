/** `rgrid run … --json`, the built program. */
import type { Door, Outcome, Scenario } from "../Door.ts"
import { bytesOf, endedOf } from "../ended.ts"
import { changed, snapshot } from "../place.ts"

const flagsOf = (scenario: Scenario): ReadonlyArray<string> => [
  ...(scenario.runtime === undefined ? [] : ["--runtime", scenario.runtime]),
  ...Object.entries(scenario.env ?? {}).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
  ...Object.entries(scenario.secrets ?? {}).flatMap(([name, value]) => ["--secret", `${name}=${value}`]),
  ...(scenario.timeout === undefined ? [] : ["--timeout", `${scenario.timeout}s`]),
  ...(scenario.memoryMegabytes === undefined ? [] : ["--memory", `${scenario.memoryMegabytes}m`]),
  ...(scenario.network === undefined ? [] : ["--network", scenario.network]),
  ...Object.entries(scenario.metadata ?? {}).flatMap(([name, value]) => ["--metadata", `${name}=${value}`]),
  ...(scenario.over ?? []).flatMap((item) => ["--batch", item]),
  ...(scenario.failOn === undefined ? [] : ["--fail-on", scenario.failOn])
]

const batchOf = (events: ReadonlyArray<any>) => {
  const ended = events.filter((event) => event.type === "ended" && event.execution !== undefined)
  return Object.fromEntries(ended.map(({ execution }) => [execution.batch.label, endedOf(execution)]))
}

/** As `timeout` and the shells have it, where a script did not end by itself. */
const codes: Readonly<Record<string, number>> = { TimedOut: 124, OutOfMemory: 137 }

export const cli: Door = {
  name: "command line",
  lacks: {},
  codeOf: ({ exitCode, failure, status }) => status === "completed" ? 0 : exitCode ?? codes[failure ?? ""] ?? 1,
  run: async (scenario, place, grid): Promise<Outcome> => {
    const before = snapshot(place)
    const { code, stderr, stdout } = await grid.run(
      ["run", "--json", ...flagsOf(scenario), "--", scenario.script, ...(scenario.args ?? [])],
      { cwd: place, ...(scenario.stdin === undefined ? {} : { stdin: scenario.stdin }) }
    )
    const events = stdout.toString().trim().split("\n").map((line) => JSON.parse(line))
    const last = events.at(-1)
    if (last?.type !== "ended" && last?.type !== "done") throw new Error(`rgrid run ended with ${code}: ${stderr}`)
    return {
      ...(last.execution === undefined
        ? { status: code === 0 ? "completed" : "failed", exitCode: null, failure: null, items: batchOf(events) }
        : endedOf(last.execution)),
      code,
      stdout: bytesOf(events, "stdout"),
      stderr: bytesOf(events, "stderr"),
      files: changed(before, snapshot(place)),
      metadata: last.execution?.metadata ?? {}
    }
  }
}
