import * as Effect from "effect/Effect"
import { join } from "node:path"
import { picked } from "../client/picked.ts"
import { type ProjectConfig, projectEnv, readConfig } from "../client/projectConfig.ts"
import type { JobOptions } from "./options.ts"

const said = ({ directory, "output-dir": output, requirements, ...config }: ProjectConfig) => ({
  ...picked(config, "runtime", "cpu", "memory", "timeout", "network", "retries"),
  ...(requirements === undefined
    ? {}
    : { requirements: requirements === "none" ? requirements : join(directory, requirements) }),
  ...(output === undefined ? {} : { outputDirectory: join(directory, output) })
})

const isGiven = ([, value]: readonly [string, unknown]): boolean => value !== undefined

/** The options with what the project's `.rgrid/config` says where they say nothing, as on the command line. */
export const withProject = Effect.fnUntraced(function*<Options extends JobOptions>(options: Options, cwd: string) {
  const config = yield* readConfig(cwd)
  if (config === null) return options
  const { env, secrets } = yield* projectEnv(config, { except: new Set(Object.keys({ ...options.env, ...options.secrets })) })
  const all: Options = {
    ...said(config),
    ...(Object.fromEntries(Object.entries(options).filter(isGiven)) as Options),
    env: { ...env, ...options.env },
    secrets: { ...secrets, ...options.secrets }
  }
  return all
})
