/** A step of a workflow: the built Action, as GitHub's runner starts it. */
import { run as runStep } from "../../action/steps.ts"
import type { TestGrid } from "../../harness.ts"
import type { Door, Outcome, Scenario } from "../Door.ts"
import { endedOf, logOf } from "../ended.ts"
import { changed, snapshot } from "../place.ts"

/** As a shell takes it. */
const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

const lines = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values).map(([name, value]) => `${name}=${value}`).join("\n")

const inputsOf = (scenario: Scenario): Readonly<Record<string, string>> => ({
  script: scenario.script,
  args: (scenario.args ?? []).map(quoted).join(" "),
  env: lines({ ...scenario.env, ...scenario.secrets }),
  "fail-on": scenario.failOn ?? (scenario.over === undefined ? "any" : "all"),
  ...(scenario.runtime === undefined ? {} : { runtime: scenario.runtime }),
  ...(scenario.timeout === undefined ? {} : { timeout: `${scenario.timeout}` }),
  ...(scenario.memoryMegabytes === undefined ? {} : { memory: `${scenario.memoryMegabytes}m` }),
  ...(scenario.network === undefined ? {} : { network: scenario.network }),
  ...(scenario.over === undefined ? {} : { batch: scenario.over.join("\n") })
})

const ofBatch = async (grid: TestGrid, id: string, outputs: Readonly<Record<string, string>>) => {
  const executions = await grid.json(["list", "--batch", id, "--limit", "1000"])
  return {
    status: outputs["status"] as Outcome["status"],
    exitCode: null,
    failure: null,
    stdout: Buffer.alloc(0),
    stderr: Buffer.alloc(0),
    metadata: {},
    items: Object.fromEntries(executions.map((one: any) => [one.batch.label, endedOf(one)]))
  }
}

const ofOne = async (grid: TestGrid, id: string, outputs: Readonly<Record<string, string>>) => {
  const { failure, metadata } = await grid.json(["status", id])
  return {
    status: outputs["status"] as Outcome["status"],
    exitCode: outputs["exit-code"] ? Number(outputs["exit-code"]) : null,
    failure: failure?._tag ?? null,
    ...await logOf(grid, id),
    metadata
  }
}

export const action: Door = {
  name: "Action",
  lacks: { stdin: "a step has none", metadata: "the workflow's own labels say what a step belongs to" },
  codeOf: ({ status }) => status === "completed" ? 0 : 1,
  run: async (scenario, place, grid): Promise<Outcome> => {
    const before = snapshot(place)
    const { code, outputs, raw } = await runStep(grid, place, inputsOf(scenario))
    const [batch, execution] = [outputs["batch-id"], outputs["execution-id"]]
    if (batch === undefined && execution === undefined) throw new Error(`the step told of nothing: ${raw}`)
    const ended = batch === undefined ? await ofOne(grid, execution!, outputs) : await ofBatch(grid, batch, outputs)
    return { ...ended, code, files: changed(before, snapshot(place)) }
  }
}
