import * as Effect from "effect/Effect"
import type { Database } from "../Database.ts"

/** Two looks into partial indexes. What is held waits for something that runs. */
export const busy = (db: Database) =>
  db.grid<{ busy: boolean }>`
    select exists (select 1 from executions where state = 'queued')
      or exists (select 1 from executions where state in ('leased', 'running')) as busy`
    .pipe(Effect.map(([row]) => row?.busy ?? false))
