/** Rows as the driver gives them, and the domain's values made of them. */
import * as DateTime from "effect/DateTime"
import type { Execution, OutputManifest } from "rgrid/domain/Execution"
import type { Life, State } from "rgrid/domain/ExecutionState"
import type { Failure } from "rgrid/domain/Failure"
import type { AccountId, ExecutionId, RunnerId } from "rgrid/domain/Id"
import type { JobSpec } from "rgrid/domain/JobSpec"
import type { Claim } from "rgrid/ports/ExecutionStore"
import type { Sealing } from "./sealing.ts"

type Workspace = Pick<JobSpec, "files" | "directories">
type Environments = Pick<JobSpec, "env" | "secrets">
type Head = Omit<JobSpec, keyof Workspace | keyof Environments>

export interface LifeRow {
  readonly id: ExecutionId
  readonly account_id: AccountId
  readonly state: State
  readonly fence: number
  readonly lost: number
  readonly retries: number
  readonly cancel_requested: boolean
  readonly failure: Failure | null
  readonly version: number
  readonly runner: RunnerId | null
  readonly settled_fence: number | null
}

export interface ExecutionRow extends LifeRow {
  readonly retry_of: ExecutionId | null
  readonly spec: Head
  readonly env_names: ReadonlyArray<string>
  readonly sandbox: string | null
  readonly created_at: Date
  readonly started_at: Date | null
  readonly ended_at: Date | null
  readonly exit_code: number | null
  readonly usage: Execution["usage"]
  readonly output_files: number
  readonly output_bytes: number
  readonly stdout_bytes: number
  readonly stderr_bytes: number
  readonly cost_micros: number
  readonly hourly_micros: number | null
  readonly worker_slots: number | null
}

export interface ClaimRow {
  readonly id: ExecutionId
  readonly account_id: AccountId
  readonly fence: number
  readonly spec: Head
  readonly workspace: Workspace
  readonly sealed_env: Uint8Array
}

export interface ManifestRow {
  readonly manifest: OutputManifest | null
}

const life = "e.id, e.account_id, e.state, e.fence, e.lost, e.retries, e.cancel_requested, e.failure, e.version, " +
  "e.runner, e.settled_fence"

/** bigint comes as BigInt, which JSON refuses; sizes fit a double exactly up to 8 PiB. */
const whole = life + ", e.retry_of, e.spec, e.env_names, e.sandbox, e.created_at, e.started_at, e.ended_at, e.exit_code, " +
  "e.usage, e.output_files, e.output_bytes::float8 as output_bytes, e.stdout_bytes::float8 as stdout_bytes, " +
  "e.stderr_bytes::float8 as stderr_bytes, e.cost_micros::float8 as cost_micros, " +
  "e.hourly_micros::float8 as hourly_micros, e.worker_slots"

/** Column lists for a table called `e`. */
export const columns = {
  life,
  execution: whole,
  claim: "e.id, e.account_id, e.fence, e.spec, e.workspace, e.sealed_env"
}

export const lifeOf = (row: LifeRow): Life => ({
  state: row.state,
  fence: row.fence,
  lost: row.lost,
  retries: row.retries,
  cancelRequested: row.cancel_requested,
  failure: row.failure
})

const costOf = ({ cost_micros, hourly_micros, worker_slots }: ExecutionRow): Execution["cost"] => ({
  micros: cost_micros,
  phase: "estimated",
  price: hourly_micros === null || worker_slots === null ? null : { hourlyMicros: hourly_micros, slots: worker_slots }
})

const instant = (date: Date | null) => (date === null ? null : DateTime.fromDateUnsafe(date))

export const executionOf = (row: ExecutionRow): Execution => ({
  id: row.id,
  state: row.state,
  retryOf: row.retry_of,
  batch: null,
  attempt: row.fence,
  script: row.spec.script,
  args: row.spec.args,
  runtime: row.spec.runtime,
  cwd: row.spec.cwd,
  resources: row.spec.resources,
  timeoutSeconds: row.spec.timeoutSeconds ?? null,
  metadata: row.spec.metadata,
  env: row.env_names,
  cancelRequested: row.cancel_requested,
  createdAt: DateTime.fromDateUnsafe(row.created_at),
  startedAt: instant(row.started_at),
  endedAt: instant(row.ended_at),
  exitCode: row.exit_code,
  failure: row.failure,
  runner: row.runner,
  sandbox: row.sandbox,
  outputs: { files: row.output_files, bytes: row.output_bytes },
  log: { stdoutBytes: row.stdout_bytes, stderrBytes: row.stderr_bytes },
  usage: row.usage,
  cost: costOf(row)
})

/** A job as its columns hold it. */
export const specColumns = (spec: JobSpec, account: AccountId, sealing: Sealing) => {
  const { directories, env, files, secrets, ...head } = spec
  return { head, workspace: { files, directories }, sealed: sealing.seal(account, JSON.stringify({ env, secrets })) }
}

export const claimOf = (row: ClaimRow, sealing: Sealing): Claim => {
  const environments: Environments = JSON.parse(sealing.open(row.account_id, row.sealed_env))
  return {
    execution: row.id,
    account: row.account_id,
    fence: row.fence,
    spec: { ...row.spec, ...row.workspace, ...environments }
  }
}
