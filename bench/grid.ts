/** A grid of its own for a measurement, and the programs it is compared with. */
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { Connection } from "rgrid/client/Connection"
import { ClientLive } from "rgrid/client/layers"
import { rgridProgram, TestGrid } from "../e2e/harness.ts"
import { hasDocker } from "../scripts/testing/docker.ts"
import { command, type Timing } from "./measure.ts"

export type Sandbox = "docker" | "oci" | "process"

export const image = "python:3.11-slim"

/** Python itself: a version manager's shim in front of it takes longer than its start. */
export const python3 = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim()

/** The process sandbox is to find the same one. */
const path = `${dirname(python3)}${delimiter}${process.env["PATH"] ?? ""}`

const runtimes = ["crun", "runc"].filter((name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0)

/** Containers that crun or runc starts, on the engine's images. */
const hasOci = hasDocker && process.platform === "linux" && process.getuid?.() === 0 && runtimes.length > 0

export const sandboxes: ReadonlyArray<Sandbox> = [
  ...(hasDocker ? ["docker" as const] : []),
  ...(hasOci ? ["oci" as const] : []),
  "process"
]

/** What a user of this machine gets who asks for nothing. */
export const usual: Sandbox = hasDocker ? "docker" : "process"

/** The fastest containers of this machine. */
export const fastest: Sandbox = hasOci ? "oci" : usual

export const hasParallel = spawnSync("parallel", ["--version"], { stdio: "ignore" }).status === 0

export const noParallel = "GNU parallel is not installed: apt-get install parallel"
export const noDocker = "there is no Docker here, or no crun and runc for root"

export const environment = (grid: TestGrid): NodeJS.ProcessEnv => {
  const { RGRID_API_KEY: _key, RGRID_URL: _url, ...inherited } = process.env
  return { ...inherited, PATH: path, RGRID_HOME: grid.directory, RGRID_PROFILE: "local", XDG_CACHE_HOME: grid.cache }
}

/** One client for many calls, as an application has it. */
export const clientOf = (grid: TestGrid) => {
  const { key, url } = grid.file()
  return ClientLive.pipe(Layer.provide(Layer.succeed(Connection, { url, key: Redacted.make(key), local: true })))
}

/** Whoever interrupts a measurement is left with no grid. */
const endedWith = (grid: TestGrid) => {
  const end = () => void grid.down().finally(() => process.exit(130))
  const signals = ["SIGINT", "SIGTERM"] as const
  for (const signal of signals) process.once(signal, end)
  return () => {
    for (const signal of signals) process.off(signal, end)
  }
}

export const withGrid = async <A>(sandbox: Sandbox, use: (grid: TestGrid, place: string) => Promise<A>): Promise<A> => {
  const grid = new TestGrid({ PATH: path })
  const over = endedWith(grid)
  try {
    await grid.up(sandbox)
    return await use(grid, grid.workplace())
  } finally {
    await grid.down()
    over()
  }
}

/** Somewhere to run in where no grid is needed. */
export const withPlace = async <A>(use: (place: string) => Promise<A>): Promise<A> => {
  const place = mkdtempSync(join(tmpdir(), "rgrid-bench-"))
  try {
    return await use(place)
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

/** A slot serves once, and the next one is made beside what follows: what needs a warm one gives it the time. */
export const slotsRefilled = () => setTimeout(1500)

export const withWarmSlot = (timing: Timing): Timing => async () => {
  await slotsRefilled()
  return timing()
}

export const rgrid = (grid: TestGrid, place: string, args: ReadonlyArray<string>): Timing =>
  command(process.execPath, [rgridProgram, ...args], place, environment(grid))

/** GNU parallel's notice would wait for a terminal. */
export const parallel = (place: string, args: ReadonlyArray<string>): Timing =>
  command("parallel", ["--will-cite", "--quote", ...args], place)
