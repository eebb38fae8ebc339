/** What settlements write beside the move they come with. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import { outputTotals } from "rgrid/grid/canonical"
import type { Settlement } from "rgrid/ports/ExecutionStore"
import type { LifeRow } from "./rows.ts"

const texts = <A>(values: ReadonlyArray<A>, textOf: (value: A) => string | number | null | undefined): ReadonlyArray<string> =>
  values.map((value) => String(textOf(value) ?? ""))

/** As a table called `s`, all of it as text, '' for none: the driver can't tell the type of an array of nulls. */
export const settlementsOf = (
  sql: PgClient.PgClient,
  settling: ReadonlyArray<readonly [row: LifeRow, settlement: Settlement]>
) => {
  const told = settling.map(([, settlement]) => settlement)
  const totals = told.map(({ manifest }) => outputTotals(manifest))
  return sql`unnest(
    ${settling.map(([{ id }]) => id)}::text[], ${texts(told, ({ exitCode }) => exitCode)}::text[],
    ${texts(told, ({ usage }) => usage === null ? "" : JSON.stringify(usage))}::text[],
    ${texts(told, ({ manifest }) => JSON.stringify(manifest))}::text[], ${texts(totals, ({ files }) => files)}::text[],
    ${texts(totals, ({ bytes }) => bytes)}::text[], ${texts(told, ({ log }) => log.stdoutBytes)}::text[],
    ${texts(told, ({ log }) => log.stderrBytes)}::text[], ${texts(told, ({ log }) => log.length)}::text[],
    ${texts(told, ({ log }) => log.sha256)}::text[], ${texts(told, ({ runtimeDigest }) => runtimeDigest)}::text[]
  ) as s(id, exit_code, usage, manifest, files, bytes, stdout, stderr, log, log_sha256, runtime_digest)`
}

/** Assignments behind those of every move; whoever moves without settling keeps what there is. */
export const settled = `,
  settled_fence = case when s.id is null then e.settled_fence else e.fence end,
  exit_code = case when s.id is null then e.exit_code else nullif(s.exit_code, '')::integer end,
  usage = case when s.id is null then e.usage else nullif(s.usage, '')::json end,
  manifest = case when s.id is null then e.manifest else s.manifest::json end,
  output_files = coalesce(s.files::integer, e.output_files),
  output_bytes = coalesce(s.bytes::bigint, e.output_bytes),
  stdout_bytes = coalesce(s.stdout::bigint, e.stdout_bytes),
  stderr_bytes = coalesce(s.stderr::bigint, e.stderr_bytes),
  log_length = coalesce(s.log::bigint, e.log_length),
  log_sha256 = coalesce(s.log_sha256, e.log_sha256),
  runtime_digest = case when s.id is null then e.runtime_digest else nullif(s.runtime_digest, '') end`
