/** What the project's `.rgrid/config` says where the inputs say nothing, as on the command line. */
import * as Effect from "effect/Effect"
import { join } from "node:path"
import { type ProjectConfig, projectEnv, projectInclude, projectJob, readConfig } from "rgrid/client/projectConfig"
import type { Inputs } from "./inputs.ts"
import { ofTheJob } from "./program.ts"

const batchOf = ({ parallel }: ProjectConfig, batch: Inputs["batch"]): Inputs["batch"] =>
  batch === null || parallel === undefined ? batch : { ...batch, options: { parallel, ...batch.options } }

export interface Asked extends Inputs {
  readonly include: ReadonlyArray<string>
  readonly retries?: number
}

/** The project's timeout gives way to one that is a percentage too. */
const withoutTimeout = ({ timeout: _timeout, ...config }: ProjectConfig): ProjectConfig => config

export const withProject = Effect.fnUntraced(function*(inputs: Inputs) {
  const config = yield* readConfig(inputs.cwd)
  if (config === null) return { ...inputs, include: [] } satisfies Asked
  const given = new Set(Object.keys({ ...inputs.env, ...inputs.secrets }))
  const { env, secrets } = yield* projectEnv(config, { except: given, own: ofTheJob() })
  const { retries, ...limits } = projectJob(inputs.batch?.options.timeoutPercent === undefined ? config : withoutTimeout(config))
  const output = config["output-dir"]
  const asked: Asked = {
    ...inputs,
    env: { ...env, ...inputs.env },
    secrets: { ...secrets, ...inputs.secrets },
    limits: { ...limits, ...inputs.limits },
    batch: batchOf(config, inputs.batch),
    outputDirectory: inputs.outputDirectory ?? (output === undefined ? null : join(config.directory, output)),
    include: projectInclude(config),
    ...(retries === undefined ? {} : { retries })
  }
  return asked
})
