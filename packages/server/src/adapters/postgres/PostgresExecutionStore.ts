/** The port to executions over Postgres: one verb a file, put together. */
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { ExecutionStore, Hint } from "rgrid/ports/ExecutionStore"
import type { Database } from "./Database.ts"
import { mapped, unavailable } from "./errors.ts"
import { accept } from "./verbs/accept.ts"
import { cancel } from "./verbs/cancel.ts"
import { claim, claimed, holds } from "./verbs/claim.ts"
import { charges, costs } from "./verbs/costs.ts"
import { find, list, manifest } from "./verbs/find.ts"
import { matching } from "./verbs/matching.ts"
import { recordPart, stored, storedParts } from "./verbs/parts.ts"
import { extendLeases, renew } from "./verbs/renew.ts"
import { busy } from "./verbs/busy.ts"
import { story } from "./verbs/story.ts"
import { attempts } from "./verbs/settle.ts"
import { remove } from "./verbs/remove.ts"
import { retry } from "./verbs/retry.ts"
import { reclaim, sweep } from "./verbs/sweep.ts"
import { uploaded } from "./verbs/uploaded.ts"

export const make = (db: Database, hints: Stream.Stream<Hint>): ExecutionStore["Service"] => ({
  accept: accept(db),
  storedParts: mapped(storedParts(db)),
  recordPart: mapped(recordPart(db)),
  uploaded: mapped(uploaded(db)),
  stored: mapped(stored(db)),
  find: mapped(find(db)),
  matching: mapped(matching(db)),
  manifest: mapped(manifest(db)),
  list: mapped(list(db)),
  cancel: mapped(cancel(db)),
  story: mapped(story(db)),
  costs: mapped(costs(db)),
  charges: mapped(charges(db)),
  remove: (account, id, discard) => unavailable(Effect.suspend(() => remove(db)(account, id, discard))),
  retry: (account, of, wanted, copy) => unavailable(Effect.suspend(() => retry(db)(account, of, wanted, copy))),
  claim: mapped(claim(db)),
  claimed: mapped(claimed(db)),
  holds: mapped(holds(db)),
  renew: mapped(renew(db)),
  ...attempts(db),
  sweep: unavailable(sweep(db)),
  reclaim: mapped(reclaim(db)),
  extendLeases: unavailable(extendLeases(db)),
  hints,
  busy: unavailable(busy(db)),
  ping: unavailable(Effect.asVoid(db.grid`select 1`)),
  version: unavailable(
    db.grid<{ id: number | null }>`select max(id) as id from rgrid_migrations`.pipe(
      Effect.map(([row]) => row?.id ?? 0)
    )
  )
})
