import * as Effect from "effect/Effect"
import { isFinal } from "rgrid/domain/ExecutionState"
import type { AccountId, ExecutionId } from "rgrid/domain/Id"
import type { JobSpec } from "rgrid/domain/JobSpec"
import { repeated } from "rgrid/domain/Retry"
import { NotEnded, NotRepeatable, type Retry, UnknownExecution } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"
import { type ClaimRow, claimOf, columns, type LifeRow } from "../rows.ts"
import { acceptedAll } from "./accept.ts"

/** The original's row is locked against removal, and with it its parts, until the new pins stand. */
export const retry = (db: Database) =>
<E>(account: AccountId, of: ExecutionId, wanted: Retry, copy: (spec: JobSpec) => Effect.Effect<void, E>) =>
  db.asAccount(account, Effect.gen(function*() {
    const { over, ...by } = wanted
    const [row] = yield* db.app<ClaimRow & Pick<LifeRow, "state">>`
      select ${db.app.literal(columns.claim)}, e.state from executions e
      where account_id = ${account} and id = ${of} for key share`
    if (row === undefined) return yield* new UnknownExecution({ id: of })
    if (!isFinal(row.state)) return yield* new NotEnded({ id: of })
    const { spec } = claimOf(row, db.sealing)
    yield* copy(spec)
    const [accepted] = yield* acceptedAll(db, account, [{ ...by, account, spec: repeated(spec, over), retryOf: of }])
    const { execution, missing } = yield* accepted!
    // Whoever had the files is not asked: nothing would ever send what is missing.
    if (missing.length > 0) return yield* new NotRepeatable({ id: of, lacks: "files" })
    return execution
  }))
