import * as Context from "effect/Context"
import type * as Redacted from "effect/Redacted"

/** What a worker agent is started with. */
export interface RunnerSettings {
  /** Base URL of the server, `http://127.0.0.1:7400`. */
  readonly server: string
  /** A key with scope `runner`. */
  readonly key: Redacted.Redacted
  /** Absolute. Cache, slots, log spools and the runner's id live below it. */
  readonly stateDirectory: string
  /** Where the grid's objects are, on the grid's own machine: inputs are then not fetched. Absolute. */
  readonly objects?: string
  /** For people. Default: the host's name. */
  readonly name: string
  /** Where it stands, for people. */
  readonly region?: string
  /** Attempts at a time. */
  readonly slots: number
  /**
   * `docker`, `oci`: containers of a Docker engine, or of crun or runc with one behind it. `containers`: the faster of
   * both, as an earlier start has measured. `auto`: measured now, and without an engine processes of this machine.
   */
  readonly sandbox: "auto" | "containers" | "docker" | "oci" | "process"
  /** Scripts may reach private address ranges: one's own grid. Metadata addresses stay blocked. */
  readonly allowPrivateNetworks: boolean
  /** PEM file of further certificate authorities that scripts shall trust (company proxies). */
  readonly caBundle?: string
  /** Index of Python packages in place of the public one. */
  readonly packageIndex?: string
  /** Registry of npm packages in place of the public one. */
  readonly npmRegistry?: string
  /** Working directory of the slot made ready at the start, for the default runtime. Absent: none before the first run. */
  readonly readyWorkdir?: string
  /** What an hour of this machine costs, in micros (1 EUR = 1,000,000); its slots share it. 0: one's own machine. */
  readonly hourlyMicros: number
  /** Most a script gets when its job names nothing. Absent: all there is. */
  readonly defaults: { readonly cpu?: number; readonly memoryBytes?: number }
}

export class Settings extends Context.Service<Settings, RunnerSettings>()("@rgrid/runner/Settings") {}
