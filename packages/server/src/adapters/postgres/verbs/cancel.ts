import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { AccountId, ExecutionId } from "rgrid/domain/Id"
import { UnknownExecution } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"
import { columns, type ExecutionRow, executionOf } from "../rows.ts"
import { ofMembers, throughAll } from "../gates.ts"
import { isIdle, judge } from "../transitions.ts"

export const cancel = (db: Database) => (account: AccountId, id: ExecutionId) =>
  db.asAccount(account, Effect.gen(function*() {
    const sql = db.app
    const gates = yield* ofMembers(sql, [id])
    const [row] = yield* sql<ExecutionRow>`
      select ${sql.literal(columns.execution)} from executions e
      where account_id = ${account} and id = ${id} for update`
    if (row === undefined) return yield* new UnknownExecution({ id })
    const verdict = judge(row, { _tag: "CancelRequested" })
    if (Result.isFailure(verdict) || isIdle(verdict.success)) return executionOf(row)
    const [moved] = yield* throughAll(db, sql, gates, [verdict.success])
    return executionOf({ ...row, ...moved })
  }))
