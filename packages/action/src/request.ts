import { createHash } from "node:crypto"
import type { RunRequest } from "rgrid/client/prepare"
import type { Asked } from "./project.ts"

export const requestOf = ({ args, cwd, env, include, limits, noCache, retries, script, secrets }: Asked): RunRequest => ({
  script,
  args,
  cwd,
  env,
  secrets,
  include,
  noCache,
  ...limits,
  ...(retries === undefined ? {} : { retries })
})

/** As somebody would type them. */
export const wordsOf = ({ args, script }: Pick<Asked, "args" | "script">): string => [script, ...args].join(" ")

const identity = ["GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_JOB", "GITHUB_ACTION", "RUNNER_TRACKING_ID", "RUNNER_NAME"]

/**
 * The same step of the same attempt is the same execution, however often it is sent. The job itself is in the key: legs of
 * a matrix have the same names.
 */
export const keyOf = (job: unknown, env: Readonly<Record<string, string | undefined>> = process.env): string =>
  createHash("sha256").update(JSON.stringify([identity.map((name) => env[name] ?? null), job])).digest("hex")
