/** Which program of this machine a script would be run by. */
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { realpath } from "node:fs/promises"
import { delimiter, join } from "node:path"
import { promisify } from "node:util"
import type { RuntimeIdentity } from "rgrid/ports/Sandbox"

const execute = promisify(execFile)

const candidates = (program: string): ReadonlyArray<string> =>
  program.includes("/")
    ? [program]
    : (process.env["PATH"] ?? "").split(delimiter).filter((directory) => directory !== "").map((directory) =>
      join(directory, program)
    )

const found = async (program: string): Promise<string> => {
  for (const path of candidates(program)) {
    const real = await realpath(path).catch(() => null)
    if (real !== null) return real
  }
  return program
}

/** Some are scripts that start one of many others: only the version tells which. */
const versionOf = (path: string): Promise<string> =>
  execute(path, ["--version"], { timeout: 10_000 }).then(({ stderr, stdout }) => `${stdout}${stderr}`.trim(), () => "")

export const identify = (program: string): Effect.Effect<RuntimeIdentity> =>
  Effect.promise(async () => {
    const path = await found(program)
    return { digest: `${path} ${await versionOf(path)}`, arch: process.arch }
  })
