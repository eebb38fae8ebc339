/** What a project's `.rgrid/config` adds to the words of `rgrid run`: flags of the same names. */
import * as Effect from "effect/Effect"
import { join, relative } from "node:path"
import { type ProjectConfig, projectEnv, readConfig } from "rgrid/client/projectConfig"
import { type Flags, given, type Setting } from "./argv.ts"
import * as input from "./input.ts"

const once = (flag: string, value: string | number | undefined): ReadonlyArray<Setting> =>
  value === undefined ? [] : [{ flag, value: String(value), many: false }]

const each = (flag: string, values: ReadonlyArray<string>): ReadonlyArray<Setting> =>
  values.map((value) => ({ flag, value, many: true }))

const pairs = (variables: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Object.entries(variables).map(([name, value]) => `${name}=${value}`)

/** Names of the variables that the words give themselves. */
const variablesIn = Effect.fnUntraced(function*(argv: ReadonlyArray<string>, flags: Flags) {
  const all = given(argv, flags)
  const valuesOf = (wanted: string) => all.flatMap(([name, value]) => name === wanted ? [value] : [])
  const files = yield* Effect.forEach(valuesOf("env-file"), input.variablesIn)
  return new Set([
    ...[...valuesOf("env"), ...valuesOf("secret")].map((pair) => pair.split("=", 1)[0]!),
    ...files.flatMap((variables) => Object.keys(variables))
  ])
})

const requirementsOf = (path: string | undefined, here: (path: string) => string): string | undefined =>
  path === undefined || path === "none" ? path : here(path)

const settingsOf = Effect.fnUntraced(function*(
  config: ProjectConfig,
  cwd: string,
  argv: ReadonlyArray<string>,
  flags: Flags
) {
  const { env, secrets } = yield* projectEnv(config, { except: yield* variablesIn(argv, flags) })
  const isBatch = given(argv, flags).some(([name]) => name === "batch" || name === "batch-from")
  // Paths are the project's, wherever in it the command is given.
  const here = (path: string) => relative(cwd, join(config.directory, path)) || "."
  return [
    ...once("runtime", config.runtime),
    ...once("region", config.region),
    ...once("parallel", isBatch ? config.parallel : undefined),
    ...once("cpu", config.cpu),
    ...once("memory", config.memory),
    ...once("timeout", config.timeout),
    ...once("network", config.network),
    ...once("retries", config.retries),
    ...once("output-dir", config["output-dir"] === undefined ? undefined : here(config["output-dir"])),
    ...once("requirements", requirementsOf(config.requirements, here)),
    ...each("include", (config.include ?? []).map(here)),
    ...each("env", pairs(env)),
    ...each("secret", pairs(secrets))
  ]
})

/** None where no project says anything. */
export const projectSettings = Effect.fnUntraced(function*(argv: ReadonlyArray<string>, flags: Flags) {
  const cwd = process.cwd()
  const config = yield* readConfig(cwd)
  return config === null ? [] : yield* settingsOf(config, cwd, argv, flags)
})
