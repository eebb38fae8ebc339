import * as Effect from "effect/Effect"
import type { AccountId } from "rgrid/domain/Id"
import type { Sha256 } from "rgrid/domain/JobSpec"
import type { Part, Stored } from "rgrid/ports/ExecutionStore"
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

/** A part that several executions pin is there once; what a batch pins is of all its members. */
export const stored = (db: Database) => (account: AccountId) =>
  db.asAccount(account, db.app<Stored>`
    select count(*)::float8 as parts, coalesce(sum(p.size), 0)::float8 as bytes,
      coalesce(sum(p.size * greatest(pins.number - 1, 0)), 0)::float8 as "savedBytes"
    from parts p left join (
      select o.sha256, sum(coalesce(b.total, 1)) as number
      from execution_parts o left join batches b on b.id = o.execution_id
      where o.account_id = ${account} group by o.sha256
    ) as pins using (sha256)
    where p.account_id = ${account}`)
    .pipe(Effect.map(([row]): Stored => row ?? { parts: 0, bytes: 0, savedBytes: 0 }))
