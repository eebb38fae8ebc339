import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { AccountId } from "rgrid/domain/Id"
import type { Database } from "../Database.ts"
import { grouping } from "../grouping.ts"

/** What a runtime's name stands for now. */
interface Note {
  readonly account: AccountId
  readonly runtime: string
  readonly digest: string
}

/** Written when it is new, which is seldom: what is known takes no lock. */
const write = (db: Database, notes: ReadonlyArray<Note>) =>
  db.grid`
    insert into runtime_digests (account_id, runtime, digest)
    select n.account, n.runtime, n.digest from unnest(${notes.map(({ account }) => account)}::text[],
      ${notes.map(({ runtime }) => runtime)}::text[], ${notes.map(({ digest }) => digest)}::text[]) as n(account, runtime, digest)
    where not exists (
      select from runtime_digests d where d.account_id = n.account and d.runtime = n.runtime and d.digest = n.digest
    )
    order by 1, 2
    on conflict (account_id, runtime) do update set digest = excluded.digest`

/** The newest word on each. */
const newest = (notes: ReadonlyArray<Note>): ReadonlyArray<Note> =>
  [...new Map(notes.map((note) => [`${note.account} ${note.runtime}`, note])).values()]

/** Runtimes of accounts that are remembered. */
const remembered = 1000

/**
 * What this server has written last it does not write again. Should another have written something else since, `--resume`
 * finds a runtime that differs, and runs what it might have left out.
 */
export const noting = (db: Database) => {
  const known = new Map<string, string>()
  const note = grouping<Note, void, never>(db.scope, {
    keyOf: () => 0,
    run: (notes) => Effect.as(write(db, newest(notes)), notes.map(() => Exit.void))
  })
  return (one: Note) => {
    const key = `${one.account} ${one.runtime}`
    if (known.get(key) === one.digest) return Effect.void
    return Effect.tap(note(one), () => {
      if (known.size >= remembered) known.clear()
      known.set(key, one.digest)
      return Effect.void
    })
  }
}
