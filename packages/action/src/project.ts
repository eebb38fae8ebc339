/** What the project's `.rgrid/config` says where the inputs say nothing, as on the command line. */
import * as Effect from "effect/Effect"
import { join } from "node:path"
import { type ProjectConfig, projectEnv, readConfig } from "rgrid/client/projectConfig"
import type { Inputs } from "./inputs.ts"

const limitsOf = ({ cpu, directory, memory, network, requirements, runtime, timeout }: ProjectConfig): Inputs["limits"] => ({
  ...(cpu === undefined ? {} : { cpu }),
  ...(memory === undefined ? {} : { memoryBytes: memory }),
  ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
  ...(network === undefined ? {} : { network }),
  ...(runtime === undefined ? {} : { runtime }),
  ...(requirements === undefined
    ? {}
    : { requirements: requirements === "none" ? requirements : join(directory, requirements) })
})

const batchOf = ({ parallel }: ProjectConfig, batch: Inputs["batch"]): Inputs["batch"] =>
  batch === null || parallel === undefined ? batch : { ...batch, options: { parallel, ...batch.options } }

export interface Asked extends Inputs {
  readonly include: ReadonlyArray<string>
  readonly retries?: number
}

export const withProject = Effect.fnUntraced(function*(inputs: Inputs) {
  const config = yield* readConfig(inputs.cwd)
  if (config === null) return { ...inputs, include: [] } satisfies Asked
  const given = { ...inputs.env, ...inputs.secrets }
  const missing = Object.entries(config.env ?? {}).filter(([name]) => !Object.hasOwn(given, name))
  const { env, secrets } = yield* projectEnv({ path: config.path, env: Object.fromEntries(missing) })
  const output = config["output-dir"]
  const asked: Asked = {
    ...inputs,
    env: { ...env, ...inputs.env },
    secrets: { ...secrets, ...inputs.secrets },
    limits: { ...limitsOf(config), ...inputs.limits },
    batch: batchOf(config, inputs.batch),
    outputDirectory: inputs.outputDirectory ?? (output === undefined ? null : join(config.directory, output)),
    include: (config.include ?? []).map((path) => join(config.directory, path)),
    ...(config.retries === undefined ? {} : { retries: config.retries })
  }
  return asked
})
