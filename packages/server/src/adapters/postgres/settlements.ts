/** What settlements write beside the move they come with. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import { outputTotals } from "rgrid/grid/canonical"
import type { Settlement } from "rgrid/ports/ExecutionStore"

/** Names of the columns that `settlementColumns` gives, in its order. */
export const settlementNames =
  "settles, exit_code, usage, manifest, files, bytes, stdout, stderr, log, log_sha256, runtime_digest"

type Told = Settlement | undefined

/** All of it as text, '' for none: the driver can't tell the type of an array of nulls. */
const texts = (told: ReadonlyArray<Told>, textOf: (settlement: Settlement) => string | number | null | undefined) =>
  told.map((settlement) => settlement === undefined ? "" : String(textOf(settlement) ?? ""))

/** Arrays with an entry for each move, the same for one that does not settle. */
export const settlementColumns = (sql: PgClient.PgClient, moves: ReadonlyArray<{ readonly settlement?: Settlement }>) => {
  const told = moves.map(({ settlement }) => settlement)
  return sql`
    ${told.map((settlement) => settlement !== undefined)}::boolean[], ${texts(told, ({ exitCode }) => exitCode)}::text[],
    ${texts(told, ({ usage }) => usage === null ? null : JSON.stringify(usage))}::text[],
    ${texts(told, ({ manifest }) => JSON.stringify(manifest))}::text[],
    ${texts(told, ({ manifest }) => outputTotals(manifest).files)}::text[],
    ${texts(told, ({ manifest }) => outputTotals(manifest).bytes)}::text[],
    ${texts(told, ({ log }) => log.stdoutBytes)}::text[], ${texts(told, ({ log }) => log.stderrBytes)}::text[],
    ${texts(told, ({ log }) => log.length)}::text[], ${texts(told, ({ log }) => log.sha256)}::text[],
    ${texts(told, ({ runtimeDigest }) => runtimeDigest)}::text[]`
}

const assigned = (column: string, value: string): string => `${column} = case when c.settles then ${value} else e.${column} end`

/** Assignments behind those of every move; whoever moves without settling keeps what there is. */
export const settled = `, ${
  [
    assigned("settled_fence", "e.fence"),
    assigned("exit_code", "nullif(c.exit_code, '')::integer"),
    assigned("usage", "nullif(c.usage, '')::json"),
    assigned("manifest", "nullif(c.manifest, '')::json"),
    assigned("output_files", "nullif(c.files, '')::integer"),
    assigned("output_bytes", "nullif(c.bytes, '')::bigint"),
    assigned("stdout_bytes", "nullif(c.stdout, '')::bigint"),
    assigned("stderr_bytes", "nullif(c.stderr, '')::bigint"),
    assigned("log_length", "nullif(c.log, '')::bigint"),
    assigned("log_sha256", "c.log_sha256"),
    assigned("runtime_digest", "nullif(c.runtime_digest, '')")
  ].join(", ")
}`
