/** Setting the keeper going, detached from whoever started it. */
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { open, rm } from "node:fs/promises"
import { createRequire } from "node:module"
import { totalmem } from "node:os"
import { dirname, join } from "node:path"
import type { GridFile } from "rgrid/client/gridFile"
import { host } from "./port.ts"
import type { Settings } from "./settings.ts"

// What programs need to work on this machine, and no more: the caller's DATABASE_URL, for one, is not for the grid.
const inherited = [
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|TMPDIR|XDG_RUNTIME_DIR)$/,
  /^(?:NODE_OPTIONS|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|RGRID_HOURLY_COST|RGRID_SLOTS|DOCKER_.*)$/,
  /^(?:HTTP|HTTPS|NO|ALL)_PROXY$/i
]

const stopFile = (directory: string): string => join(directory, "stop")

/** Where this person's own programs look and whom they trust, since what scripts need is likely only there. */
const sources = (
  { RGRID_CA_BUNDLE, RGRID_NPM_REGISTRY, RGRID_PACKAGE_INDEX, ...own }: NodeJS.ProcessEnv
): NodeJS.ProcessEnv => {
  const index = RGRID_PACKAGE_INDEX ?? own["UV_DEFAULT_INDEX"] ?? own["UV_INDEX_URL"] ?? own["PIP_INDEX_URL"]
  const registry = RGRID_NPM_REGISTRY ?? own["npm_config_registry"] ?? own["NPM_CONFIG_REGISTRY"]
  // Unlike NODE_EXTRA_CA_CERTS it names all that are trusted.
  const trusted = own["SSL_CERT_FILE"]
  const authorities = RGRID_CA_BUNDLE ?? (trusted !== undefined && existsSync(trusted) ? trusted : undefined)
  return {
    ...(authorities === undefined ? {} : { RGRID_CA_BUNDLE: authorities }),
    ...(index === undefined ? {} : { RGRID_PACKAGE_INDEX: index }),
    ...(registry === undefined ? {} : { RGRID_NPM_REGISTRY: registry })
  }
}

const environment = (directory: string, grid: GridFile, { idleSeconds, sandbox }: Settings): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => inherited.some((known) => known.test(name)))),
  ...sources(process.env),
  RGRID_HOST: host,
  RGRID_PORT: String(grid.port),
  RGRID_BOOTSTRAP_KEY: grid.key,
  RGRID_URL: grid.url,
  RGRID_API_KEY: grid.key,
  RGRID_SANDBOX: sandbox.kind,
  ...(idleSeconds === null ? {} : { RGRID_IDLE_SECONDS: String(idleSeconds), RGRID_STOP_FILE: stopFile(directory) }),
  // Whoever starts the grid will likely run something from here.
  RGRID_READY_DIRECTORY: process.cwd(),
  RGRID_ALLOW_PRIVATE_NETWORKS: "true",
  RGRID_DEFAULT_MEMORY: `${Math.floor((totalmem() * 3) / 4 / 1024 ** 2)}m`
})

const here = createRequire(import.meta.url)

/** This very program, as it was started. */
const program = (): ReadonlyArray<string> => [
  process.execPath,
  ...process.execArgv.filter((option) => !option.startsWith("--inspect")),
  here.resolve("@rgrid/cli/bin")
]

const keeper = (): string => join(dirname(here.resolve("@rgrid/cli/package.json")), "keeper.sh")

/** Returns once the keeper lives; the grid takes longer. */
export const launch = (
  directory: string,
  grid: GridFile,
  settings: Settings
): Effect.Effect<void, NodeJS.ErrnoException> =>
  Effect.tryPromise({
    try: async () => {
      await rm(stopFile(directory), { force: true })
      const log = await open(join(directory, "logs", "keeper.log"), "w", 0o600)
      try {
        // Its own session: the terminal's Ctrl+C and its closing mean the command, not the grid.
        const child = spawn("sh", [keeper(), directory, ...program()], {
          cwd: directory,
          detached: true,
          env: environment(directory, grid, settings),
          stdio: ["ignore", log.fd, log.fd]
        })
        await new Promise<void>((resolve, reject) => {
          child.once("spawn", resolve)
          child.once("error", reject)
        })
        child.unref()
      } finally {
        await log.close()
      }
    },
    catch: (cause) => cause as NodeJS.ErrnoException
  })
