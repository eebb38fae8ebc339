/** Rows as the driver gives them, and the domain's values made of them. */
import * as DateTime from "effect/DateTime"
import type { Execution, OutputManifest } from "rgrid/domain/Execution"
import type { Life, State } from "rgrid/domain/ExecutionState"
import type { Failure } from "rgrid/domain/Failure"
import type { AccountId, BatchId, ExecutionId, RunnerId } from "rgrid/domain/Id"
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
  readonly batch_id: BatchId | null
}

/** What a batch's row has for each of its members. */
export interface Shared {
  readonly batch_spec: Head | null
  readonly batch_env: ReadonlyArray<string> | null
}

/** An execution's own row. */
export interface OwnRow extends LifeRow {
  readonly retry_of: ExecutionId | null
  readonly spec: Partial<Head>
  readonly env_names: ReadonlyArray<string>
  readonly position: number | null
  readonly label: string | null
  readonly output_name: string | null
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

/** A member's own part of its job stands in its row, the rest in its batch's. */
export interface ExecutionRow extends OwnRow, Shared {}

export interface ClaimRow {
  readonly id: ExecutionId
  readonly batch_id: BatchId | null
  readonly account_id: AccountId
  readonly fence: number
  readonly spec: Partial<Head>
  readonly workspace: Workspace
  readonly sealed_env: Uint8Array
  readonly batch_spec: Head | null
  readonly batch_workspace: Workspace | null
  readonly batch_sealed_env: Uint8Array | null
  readonly time_limit_seconds: number | null
}

export interface ManifestRow {
  readonly manifest: OutputManifest | null
}

const life = "e.id, e.account_id, e.state, e.fence, e.lost, e.retries, e.cancel_requested, e.failure, e.version, " +
  "e.runner, e.settled_fence, e.batch_id"

const ofBatch = (column: string, name: string): string =>
  `(select b.${column} from batches b where b.id = e.batch_id) as ${name}`

/** bigint comes as BigInt, which JSON refuses; sizes fit a double exactly up to 8 PiB. */
const own = life + ", e.retry_of, e.spec, e.env_names, e.sandbox, e.created_at, e.started_at, e.ended_at, e.exit_code, " +
  "e.usage, e.output_files, e.output_bytes::float8 as output_bytes, e.stdout_bytes::float8 as stdout_bytes, " +
  "e.stderr_bytes::float8 as stderr_bytes, e.cost_micros::float8 as cost_micros, " +
  "e.hourly_micros::float8 as hourly_micros, e.worker_slots, e.position, e.label, e.output_name"

const execution = own + ", " + [ofBatch("spec", "batch_spec"), ofBatch("env_names", "batch_env")].join(", ")

const sharedColumns = [
  ["spec", "batch_spec"], ["workspace", "batch_workspace"], ["sealed_env", "batch_sealed_env"],
  ["time_limit_seconds", "time_limit_seconds"]
] as const

const ownColumns = "e.id, e.account_id, e.batch_id, e.fence, e.spec, e.workspace, e.sealed_env, "

/** What `columns.claims` reads. */
const claimed = `${ownColumns} e.turn, e.created_at`

/** What a batch's members share may be large: of those that come together, the first brings it for all. */
const firstOfBatch = (column: string, name: string): string =>
  `case when row_number() over (partition by e.batch_id order by e.turn, e.created_at, e.id) = 1
    then (select b.${column} from batches b where b.id = e.batch_id) end as ${name}`

/** Column lists for a table called `e`. */
export const columns = {
  life,
  own,
  execution,
  claimed,
  claim: ownColumns + sharedColumns.map(([column, name]) => ofBatch(column, name)).join(", "),
  claims: ownColumns + sharedColumns.map(([column, name]) => firstOfBatch(column, name)).join(", ")
}

/** Rows of `columns.claims` in their order, each whole again. */
const whole = (rows: ReadonlyArray<ClaimRow>): ReadonlyArray<ClaimRow> => {
  const firsts = new Map<BatchId, ClaimRow>()
  return rows.map((row) => {
    if (row.batch_id === null) return row
    const first = firsts.get(row.batch_id)
    if (first === undefined) firsts.set(row.batch_id, row)
    const { batch_sealed_env, batch_spec, batch_workspace, time_limit_seconds } = first ?? row
    return { ...row, batch_sealed_env, batch_spec, batch_workspace, time_limit_seconds }
  })
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

const membershipOf = ({ batch_id: id, label, output_name: name, position }: ExecutionRow): Execution["batch"] =>
  id === null || position === null || label === null || name === null ? null : { id, position, label, name }

/** An execution of its own has all of it in its row. */
const headOf = ({ batch_spec, spec }: Pick<ExecutionRow, "spec" | "batch_spec">): Head =>
  ({ ...batch_spec, ...spec }) as Head

export const executionOf = (row: ExecutionRow): Execution => executionWith(row, headOf(row))

const executionWith = (row: ExecutionRow, spec: Head): Execution => ({
  id: row.id,
  state: row.state,
  retryOf: row.retry_of,
  batch: membershipOf(row),
  attempt: row.fence,
  script: spec.script,
  args: spec.args,
  runtime: spec.runtime,
  cwd: spec.cwd,
  resources: spec.resources,
  timeoutSeconds: spec.timeoutSeconds ?? null,
  metadata: spec.metadata,
  env: row.batch_env ?? row.env_names,
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

const timeoutOf = (own: number | undefined, ofBatch: number | null): Pick<Head, "timeoutSeconds"> => {
  const all = [own, ofBatch ?? undefined].filter((seconds) => seconds !== undefined)
  return all.length === 0 ? {} : { timeoutSeconds: Math.min(...all) }
}

const workspaceOf = ({ batch_workspace: shared, workspace: own }: ClaimRow): Workspace =>
  shared === null ? own : {
    // What an item brings stands for what the job has at the same place.
    files: [...shared.files.filter(({ path }) => !own.files.some((file) => file.path === path)), ...own.files],
    directories: [...new Set([...shared.directories, ...own.directories])]
  }

const environmentsOf = (row: ClaimRow, sealing: Sealing): Environments =>
  JSON.parse(sealing.open(row.account_id, row.batch_sealed_env ?? row.sealed_env))

/** Of rows that come together: what a batch's members share is opened once. */
export const claimsOf = (rows: ReadonlyArray<ClaimRow>, sealing: Sealing): ReadonlyArray<Claim> => {
  const opened = new Map<BatchId, Environments>()
  return whole(rows).map((row) => {
    if (row.batch_id === null) return claimOf(row, sealing)
    const environments = opened.get(row.batch_id) ?? environmentsOf(row, sealing)
    opened.set(row.batch_id, environments)
    return claimOf(row, sealing, environments)
  })
}

export const claimOf = (row: ClaimRow, sealing: Sealing, environments = environmentsOf(row, sealing)): Claim => {
  const head = headOf(row)
  return {
    execution: row.id,
    account: row.account_id,
    fence: row.fence,
    batch: row.batch_id,
    spec: { ...head, ...timeoutOf(head.timeoutSeconds, row.time_limit_seconds), ...workspaceOf(row), ...environments }
  }
}
