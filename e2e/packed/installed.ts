/** A clean folder that packages were installed into, and a grid's home of its own. */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Finished, local, TestGrid } from "../harness.ts"

const apps = join(dirname(fileURLToPath(import.meta.url)), "apps")

/** What a new program has of its maker's machine: no grid is named, and nothing is kept where others find it. */
const environment = (home: string, registry: string): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"],
  HOME: home,
  LANG: "C.UTF-8",
  RGRID_HOME: join(home, "grid"),
  NO_COLOR: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(?:NODE_EXTRA_CA_CERTS|DOCKER_HOST|https?_proxy|no_proxy)$/i.test(name))),
  npm_config_registry: registry,
  npm_config_fund: "false",
  npm_config_audit: "false",
  npm_config_update_notifier: "false",
  npm_config_cache: join(home, "../npm-cache"),
  pnpm_config_registry: registry,
  pnpm_config_store_dir: join(home, "../pnpm-store"),
  YARN_REGISTRY: registry,
  YARN_NPM_REGISTRY_SERVER: registry,
  YARN_ENABLE_GLOBAL_CACHE: "false",
  YARN_CACHE_FOLDER: join(home, "../yarn-cache")
})

/** Holds the folders of all that a test installs. */
export const placeOfAll = (): string => {
  const place = mkdtempSync(join(tmpdir(), "rgrid-packed-"))
  // As root the grid's Postgres is another user and has to pass through.
  chmodSync(place, 0o711)
  return place
}

export class Installed {
  readonly directory: string
  private readonly env: NodeJS.ProcessEnv

  /** `files` of apps/ are copied into it. */
  constructor(place: string, name: string, registry: string, files: ReadonlyArray<string>) {
    const home = join(place, name)
    this.directory = join(home, "app")
    this.env = environment(home, registry)
    mkdirSync(this.directory, { recursive: true })
    writeFileSync(join(this.directory, "package.json"), JSON.stringify({ name: `app-${name}`, private: true }))
    for (const file of files) cpSync(join(apps, file), join(this.directory, file.slice(file.lastIndexOf("/") + 1)), { recursive: true })
  }

  get environment(): NodeJS.ProcessEnv {
    return this.env
  }

  run(program: string, ...args: ReadonlyArray<string>): Promise<Finished> {
    return local(program, args, this.directory, this.env)
  }

  /** What it said; fails when it failed. */
  async said(program: string, ...args: ReadonlyArray<string>): Promise<string> {
    const { code, stderr, stdout } = await this.run(program, ...args)
    if (code !== 0) throw new Error(`${program} ${args.join(" ")} exited with ${code}: ${stdout.toString().slice(-2000)}${stderr.slice(-2000)}`)
    return stdout.toString()
  }

  /** Processes of the grid that it has started. */
  left(): ReadonlyArray<number> {
    return TestGrid.pidsAt(this.env["RGRID_HOME"]!, /server|runner|postgres|keeper/)
  }

  /** Stops its grid by this program; fails when that failed or anything is left, which it ends. */
  async down(program: string, ...args: ReadonlyArray<string>): Promise<void> {
    const { code, stderr } = await this.run(program, ...args, "down")
    const left = this.left()
    for (const pid of left) process.kill(pid, "SIGKILL")
    if (code !== 0 || left.length > 0) throw new Error(`${program} ${args.join(" ")} down exited with ${code} and left ${left.length} processes: ${stderr}`)
  }

  read(file: string): string {
    return readFileSync(join(this.directory, file), "utf8")
  }
}

export const removed = (place: string): void => rmSync(place, { recursive: true, force: true })
