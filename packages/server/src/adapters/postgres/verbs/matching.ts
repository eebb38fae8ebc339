import * as Effect from "effect/Effect"
import type { AccountId, ExecutionId } from "rgrid/domain/Id"
import type { Database } from "../Database.ts"

/** A range of the index on an account's ids: under collation "C" nothing in an id sorts behind "{". */
export const matching = (db: Database) => (account: AccountId, prefix: string, limit: number) =>
  db.asAccount(account, db.app<{ id: ExecutionId }>`
    select id from executions where account_id = ${account} and id >= ${prefix} and id < ${`${prefix}{`}
    order by id desc limit ${limit}`)
    .pipe(Effect.map((rows) => rows.map(({ id }) => id)))
