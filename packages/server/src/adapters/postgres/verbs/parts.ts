import * as Effect from "effect/Effect"
import type { AccountId } from "rgrid/domain/Id"
import type { Sha256 } from "rgrid/domain/JobSpec"
import type { Part } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"

export const storedParts = (db: Database) => (account: AccountId, parts: ReadonlyArray<Sha256>) =>
  db.asAccount(account, db.app<{ sha256: Sha256 }>`
    select sha256 from parts where account_id = ${account} and sha256 = any(${parts}::text[])`)
    .pipe(Effect.map((rows): ReadonlySet<Sha256> => new Set(rows.map((row) => row.sha256))))

export const recordPart = (db: Database) => (account: AccountId, part: Part) =>
  db.asAccount(account, db.app`
    insert into parts (account_id, sha256, size) values (${account}, ${part.sha256}, ${part.size})
    on conflict do nothing`)
    .pipe(Effect.asVoid)
