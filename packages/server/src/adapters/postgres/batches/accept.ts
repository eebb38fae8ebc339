import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createHash, hash as digest } from "node:crypto"
import { contentKinds } from "rgrid/domain/Batch"
import { contentsOf, partsOf, type Sha256 } from "rgrid/domain/JobSpec"
import { canonicalSpec, environmentNames } from "rgrid/grid/canonical"
import { itemIdentity, ownContent, sharedContent } from "rgrid/grid/content"
import type { BatchAccepted, BatchSubmission, NumberedItem } from "rgrid/ports/BatchStore"
import { IdempotencyConflict, type Part } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"
import { locked } from "../gates.ts"
import { specColumns } from "../rows.ts"
import type { Sealing } from "../sealing.ts"
import { missingOf } from "../verbs/uploaded.ts"
import { arrived } from "./arrived.ts"
import { insertMembers, type Member, partsOfItem, pin } from "./insert.ts"
import { Resuming } from "./resume.ts"
import { read } from "./rows.ts"

/** Members in one statement: enough to make its round trip small, little enough to be flat in memory. */
const chunk = 1000

type Hexed = <K extends string>(texts: Readonly<Record<K, string>>) => Record<K, string>

/** Of each kind the last text is remembered: many items have the same, most often that of no files. */
const hexing = (sealing: Sealing): Hexed => {
  const last = new Map<string, { readonly text: string; readonly hex: string }>()
  const hexOf = (kind: string, text: string): string => {
    const known = last.get(kind)
    if (known?.text === text) return known.hex
    const hex = Buffer.from(sealing.fingerprint(text)).toString("hex").slice(0, 32)
    last.set(kind, { text, hex })
    return hex
  }
  return <K extends string>(texts: Readonly<Record<K, string>>) =>
    Object.fromEntries(Object.entries<string>(texts).map(([kind, text]) => [kind, hexOf(kind, text)])) as Record<K, string>
}

const memberOf = (hexed: Hexed, submission: BatchSubmission, shared: Readonly<Record<string, string>>) =>
(item: NumberedItem): Member => {
  const own = hexed(ownContent(item))
  const content = { ...shared, ...own }
  const key = contentKinds.map((kind) => content[kind as keyof typeof content] ?? "").join(" ")
  return {
    item,
    itemKey: digest("sha256", itemIdentity(submission.job, item)),
    contentKey: digest("sha256", key),
    content: own
  }
}

/** None when the key was used before; a call with the same key in flight is waited for. */
const insertBatch = (db: Database, submission: BatchSubmission, shared: Readonly<Record<string, string>>) => {
  const { account, id, idempotencyKey, job, options } = submission
  const { head, sealed, workspace } = specColumns(job, account, db.sealing)
  return db.app`
    insert into batches (id, account_id, idempotency_key, request_hash, spec, script, workspace, env_names, sealed_env, content,
      options, parallel, retry_of)
    values (${id}, ${account}, ${idempotencyKey ?? null}, '', ${JSON.stringify(head)}::json, ${job.script},
      ${JSON.stringify(workspace)}::json, ${environmentNames(job)}::text[], ${sealed}, ${JSON.stringify(shared)}::json,
      ${JSON.stringify(options)}::json, ${options.parallel}, ${submission.retryOf ?? null})
    on conflict (account_id, idempotency_key) where idempotency_key is not null do nothing returning id`
}

/** Everything a key stands for, taken up item by item. */
const requestHash = (sealing: Sealing, { job, options, retryOf }: BatchSubmission) => {
  const hash = createHash("sha256").update(canonicalSpec(job)).update(JSON.stringify([options, retryOf ?? null]))
  return {
    take: ({ args, files, label, name }: NumberedItem) =>
      void hash.update(JSON.stringify([label, name, args, files.map(({ content, path }) => [path, content.sha256])])),
    finish: () => sealing.fingerprint(hash.digest("hex"))
  }
}

const before = Effect.fnUntraced(function*<E>(
  db: Database,
  submission: BatchSubmission,
  items: Stream.Stream<NumberedItem, E>,
  limit: number
) {
  const sql = db.app
  const { account, idempotencyKey: key = "" } = submission
  const hash = requestHash(db.sealing, submission)
  yield* Stream.runForEach(items, (item) => Effect.sync(() => hash.take(item)))
  const [row] = yield* sql<{ id: BatchSubmission["id"]; request_hash: Uint8Array }>`
    select id, request_hash from batches where account_id = ${account} and idempotency_key = ${key} for update`
  if (row === undefined) return yield* Effect.die(`Idempotency key neither new nor old: ${submission.id}`)
  if (!Buffer.from(row.request_hash).equals(hash.finish())) return yield* new IdempotencyConflict({ key })
  return yield* begun(db, row.id, limit)
})

/** With those let in whose files another call has stored meanwhile. */
const begun = Effect.fnUntraced(function*(db: Database, id: BatchSubmission["id"], limit: number) {
  const [gate] = yield* locked(db.app, [id])
  const missing = gate === undefined ? [] : yield* arrived(db, gate, limit)
  const [batch] = yield* read(db.app, db.app`b.id = ${id}`)
  if (batch === undefined) return yield* Effect.die(`A batch that was just there is gone: ${id}`)
  return { batch, missing } satisfies BatchAccepted
})

const toParts = (sizes: ReadonlyMap<Sha256, number>): ReadonlyArray<Part> =>
  Array.from(sizes, ([sha256, size]) => ({ sha256, size }))

/** What was taken of a batch so far. */
interface Taking {
  total: number
  /** Let in already: nobody else knows of the batch, so who finds room needs not wait at its gate. */
  active: number
  /** Of what all members share nothing is missing. */
  readonly isWhole: boolean
  readonly resuming: Resuming | null
}

/** Members of one chunk: looked up for what completed before, pinned, written. */
const take = Effect.fnUntraced(function*(
  db: Database,
  submission: BatchSubmission,
  all: ReadonlyArray<Member>,
  state: Taking
) {
  const sql = db.app
  const { account, id, job } = submission
  const members = state.resuming === null ? all : yield* state.resuming.remaining(sql, account, all)
  if (members.length === 0) return
  const needed = toParts(new Map(members.flatMap(({ item }) => [...partsOfItem(item)])))
  const missing = new Set((yield* missingOf(db, account, needed)).map(({ sha256 }) => sha256))
  const isWhole = (item: NumberedItem) => state.isWhole && ![...partsOfItem(item).keys()].some((part) => missing.has(part))
  const states = members.map(({ item }) => {
    if (!isWhole(item)) return "uploading"
    if (state.active >= submission.options.parallel) return "held"
    state.active++
    return "queued"
  })
  yield* insertMembers(sql, { id, account, job, position: state.total + 1 }, members, states)
  const pins = members.flatMap(({ item }) => toParts(partsOfItem(item)).map((part) => ({ ...part, owner: item.execution })))
  yield* pin(sql, account, pins)
  state.total += members.length
})

const create = Effect.fnUntraced(function*<E>(
  db: Database,
  submission: BatchSubmission,
  items: Stream.Stream<NumberedItem, E>,
  limit: number,
  shared: Readonly<Record<string, string>>
) {
  const sql = db.app
  const { account, id, job, options } = submission
  const common = toParts(partsOf(contentsOf(job)))
  const isWhole = (yield* missingOf(db, account, common)).length === 0
  yield* pin(sql, account, common.map((part) => ({ ...part, owner: id })))
  const hash = requestHash(db.sealing, submission)
  const resuming = options.resume ? new Resuming(shared, job.runtime) : null
  const state: Taking = { total: 0, active: 0, isWhole, resuming }
  const toMember = memberOf(hexing(db.sealing), submission, shared)
  yield* items.pipe(
    Stream.tap((item) => Effect.sync(() => hash.take(item))),
    Stream.map(toMember),
    Stream.grouped(chunk),
    // The next ones are made while these are written.
    Stream.buffer({ capacity: 1 }),
    Stream.runForEach((members) => take(db, submission, members, state))
  )
  yield* sql`
    update batches set total = ${state.total}, active = ${state.active}, skipped = ${resuming?.skipped ?? 0}, request_hash = ${hash.finish()},
      ended_at = case when ${state.total} = 0 then now() end
    where id = ${id}`
  if (state.active > 0) yield* sql.afterCommit(db.tell([{ _tag: "Queued" }]))
  const accepted = yield* begun(db, id, limit)
  return resuming === null ? accepted : { ...accepted, resumption: resuming.told() }
})

/** Within a transaction of the account. */
export const accepted = Effect.fnUntraced(function*<E>(
  db: Database,
  submission: BatchSubmission,
  items: Stream.Stream<NumberedItem, E>,
  limit: number
) {
  const shared = hexing(db.sealing)(sharedContent(submission.job))
  const [row] = yield* insertBatch(db, submission, shared)
  return yield* row === undefined
    ? before(db, submission, items, limit)
    : create(db, submission, items, limit, shared)
})

export const acceptBatch = (db: Database) =>
<E>(submission: BatchSubmission, items: Stream.Stream<NumberedItem, E>, limit: number) =>
  db.asAccount(submission.account, accepted(db, submission, items, limit))
