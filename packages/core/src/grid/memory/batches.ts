/** The port to batches in memory. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Batch, contentKinds, type ContentKind, noCounts, type Resumption } from "../../domain/Batch.ts"
import { isFinal, waitingStates } from "../../domain/ExecutionState.ts"
import type { AccountId, BatchId } from "../../domain/Id.ts"
import { contentsOf, type JobSpec, partsOf } from "../../domain/JobSpec.ts"
import { repeated } from "../../domain/Retry.ts"
import * as DateTime from "effect/DateTime"
import {
  BatchNotRepeatable,
  type BatchStore,
  type BatchSubmission,
  type NumberedItem,
  type RetryBatch,
  UnknownBatch
} from "../../ports/BatchStore.ts"
import { IdempotencyConflict, NotEnded, type Part } from "../../ports/ExecutionStore.ts"
import { canonicalSpec } from "../canonical.ts"
import { itemIdentity, ownContent, sharedContent } from "../content.ts"
import { enter } from "./accepting.ts"
import { timed } from "./executions.ts"
import { endMembers, membersOf, promote } from "./gates.ts"
import { type BatchEntry, type Entry, executionOf, instant, type Memory, missingOf, move, partKey } from "./Memory.ts"

const batchOf = (memory: Memory, batch: BatchEntry): Batch => {
  const members = membersOf(memory, batch.id)
  const counts = { ...noCounts }
  for (const { life } of members) counts[life.state as keyof typeof counts]++
  const ended = members.filter(({ life }) => isFinal(life.state))
  const { job } = batch
  return {
    id: batch.id,
    retryOf: batch.retryOf,
    script: job.script,
    args: job.args,
    runtime: job.runtime,
    cwd: job.cwd,
    metadata: job.metadata,
    total: members.length,
    skipped: batch.skipped,
    options: batch.options,
    counts,
    halted: batch.halted,
    createdAt: DateTime.makeUnsafe(batch.createdAt),
    endedAt: instant(batch.endedAt),
    cost: {
      micros: ended.reduce((sum, { meter }) => sum + meter.cost.micros, 0),
      isPriced: ended.some(({ meter }) => (meter.cost.price?.hourlyMicros ?? 0) > 0)
    }
  }
}

/** A member's whole job: what an item brings stands for what all share at the same place. */
const jobOf = (job: JobSpec, { args, directories, files }: NumberedItem): JobSpec => ({
  ...job,
  args,
  files: [...job.files.filter(({ path }) => !files.some((file) => file.path === path)), ...files],
  directories: [...new Set([...job.directories, ...directories])]
})

const owned = (memory: Memory, account: AccountId, id: BatchId) => {
  const batch = memory.batches.get(id)
  return batch?.account === account ? Effect.succeed(batch) : Effect.fail(new UnknownBatch({ id }))
}

const missingIn = (memory: Memory, batch: BatchEntry, limit: number): ReadonlyArray<Part> => {
  const lacking = membersOf(memory, batch.id).filter(({ life }) => life.state === "uploading")
  const contents = [batch.job, ...lacking.map(({ submission }) => submission.spec)].flatMap(contentsOf)
  return missingOf(memory, batch.account, partsOf(contents)).slice(0, limit)
}

const answer = (memory: Memory, batch: BatchEntry, limit: number) => ({
  batch: batchOf(memory, batch),
  missing: missingIn(memory, batch, limit)
})

const keyOf = (content: Readonly<Record<string, string>>): string => JSON.stringify(contentKinds.map((kind) => content[kind]))

const completed = (memory: Memory, account: AccountId, itemKey: string): ReadonlyArray<Entry> =>
  Array.from(memory.entries.values())
    .filter(({ life, member, submission }) =>
      submission.account === account && life.state === "completed" && member?.itemKey === itemKey)
    .sort((a, b) => (a.submission.id < b.submission.id ? 1 : -1))

const changed = (now: Readonly<Record<string, string>>, then: Entry | undefined): ReadonlyArray<ContentKind | "new"> => {
  if (then === undefined) return ["new"]
  const kinds = contentKinds.filter((kind) => now[kind] !== then.member?.content[kind])
  return kinds.length === 0 ? ["runtime"] : kinds
}

/** Whether the runtime's name still stands for what it ran in. */
const isSameRuntime = (memory: Memory, { settled, submission: { account, spec } }: Entry): boolean => {
  const digest = settled?.settlement.runtimeDigest
  return digest === undefined || digest === memory.digests.get(`${account}/${spec.runtime}`)
}

const create = (memory: Memory, submission: BatchSubmission, request: string, items: ReadonlyArray<NumberedItem>, now: number) => {
  const { account, id, idempotencyKey, job, options, retryOf } = submission
  const batch: BatchEntry = {
    id,
    account,
    retryOf: retryOf ?? null,
    idempotencyKey,
    request,
    job,
    options,
    createdAt: now,
    skipped: 0,
    finished: 0,
    halted: null,
    endedAt: null,
    timeLimitSeconds: null
  }
  memory.batches.set(id, batch)
  const told: { earlier: Array<Resumption["earlier"][number]>; again: Array<Resumption["again"][number]> } = {
    earlier: [],
    again: []
  }
  let position = 0
  for (const item of items) {
    const content = { ...sharedContent(job), ...ownContent(item) }
    const [itemKey, contentKey] = [itemIdentity(job, item), keyOf(content)]
    const before = completed(memory, account, itemKey)
    const same = before.find((entry) => entry.member?.contentKey === contentKey && isSameRuntime(memory, entry))
    if (options.resume && same !== undefined) {
      told.earlier.push({ label: item.label, name: item.name, execution: same.submission.id })
      continue
    }
    told.again.push({ label: item.label, changed: changed(content, before[0]) })
    const spec = jobOf(job, item)
    const state = missingOf(memory, account, partsOf(contentsOf(spec))).length === 0 ? "held" : "uploading"
    const { label, name } = item
    const member = { id, position: ++position, label, name, finished: null, itemKey, contentKey, content }
    enter(memory, { id: item.execution, account, spec }, now, { state, turn: 0, member })
  }
  batch.skipped = told.earlier.length
  if (position === 0) batch.endedAt = now
  promote(memory, id, now)
  return { batch, resumption: { skipped: batch.skipped, ...told } }
}

const requestOf = ({ job, options, retryOf }: BatchSubmission, items: ReadonlyArray<NumberedItem>): string =>
  JSON.stringify([
    canonicalSpec(job),
    options,
    retryOf ?? null,
    items.map(({ args, files, label, name }) => [label, name, args, files.map(({ content, path }) => [path, content.sha256])])
  ])

const accept = (memory: Memory, submission: BatchSubmission, items: ReadonlyArray<NumberedItem>, limit: number, now: number) => {
  const { account, idempotencyKey: key } = submission
  const request = requestOf(submission, items)
  const before = key === undefined
    ? undefined
    : [...memory.batches.values()].find((batch) => batch.account === account && batch.idempotencyKey === key)
  if (before !== undefined) {
    return before.request === request
      ? Effect.succeed(answer(memory, before, limit))
      : Effect.fail(new IdempotencyConflict({ key: key ?? "" }))
  }
  const { batch, resumption } = create(memory, submission, request, items, now)
  return Effect.succeed({ ...answer(memory, batch, limit), ...(submission.options.resume ? { resumption } : {}) })
}

const uploaded = (memory: Memory, batch: BatchEntry, limit: number, now: number) => {
  for (const entry of membersOf(memory, batch.id)) {
    const { life, submission: { account, spec } } = entry
    const isWhole = missingOf(memory, account, partsOf(contentsOf(spec))).length === 0
    if (life.state === "uploading" && isWhole) move(memory, entry, { _tag: "Uploaded", held: true }, now)
  }
  promote(memory, batch.id, now)
  return answer(memory, batch, limit)
}

const cancel = (memory: Memory, batch: BatchEntry, now: number): Batch => {
  if (batch.endedAt === null) {
    batch.halted ??= "canceled"
    endMembers(memory, batch.id, [...waitingStates, "leased", "running"], { _tag: "CancelRequested" }, now)
  }
  return batchOf(memory, batch)
}

const retry = Effect.fnUntraced(function*(memory: Memory, of: BatchEntry, wanted: RetryBatch, now: number) {
  const { executions, id, idempotencyKey, over, positions } = wanted
  const members = membersOf(memory, of.id).filter(({ member }) => positions.includes(member?.position ?? 0))
  if (members.length === 0) return yield* new BatchNotRepeatable({ id: of.id, lacks: "members" })
  if (members.some(({ life }) => !isFinal(life.state))) return yield* new NotEnded({ id: of.id })
  const items = members.map(({ member, submission: { spec } }, index): NumberedItem => ({
    execution: executions[index]!,
    label: member?.label ?? "",
    name: member?.name ?? "",
    args: spec.args,
    files: spec.files.filter((file) => !of.job.files.includes(file)),
    directories: spec.directories
  }))
  const submission: BatchSubmission = {
    id,
    account: of.account,
    job: repeated(of.job, over),
    options: { ...of.options, resume: false },
    retryOf: of.id,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey })
  }
  const lacking = missingOf(memory, of.account, partsOf(items.flatMap((item) => contentsOf(jobOf(of.job, item)))))
  if (lacking.length > 0) return yield* new BatchNotRepeatable({ id: of.id, lacks: "files" })
  return (yield* accept(memory, submission, items, 1, now)).batch
})

const remove: (memory: Memory) => BatchStore["Service"]["remove"] = (memory) => (account, id, discard) =>
  Effect.gen(function*() {
    const batch = yield* owned(memory, account, id)
    if (batch.endedAt === null) return yield* new NotEnded({ id })
    const entries = membersOf(memory, id)
    const members = entries.map(({ submission }) => submission.id)
    const gone = new Set(members)
    const others = [...memory.entries.values()].filter(({ submission }) =>
      submission.account === account && !gone.has(submission.id))
    const pinned = new Set(others.flatMap(({ submission }) => [...partsOf(contentsOf(submission.spec)).keys()]))
    const own = partsOf([batch.job, ...entries.map(({ submission }) => submission.spec)].flatMap(contentsOf))
    const parts = [...own.keys()].filter((part) => !pinned.has(part) && memory.parts.has(partKey(account, part)))
    yield* discard({ members, parts })
    for (const part of parts) memory.parts.delete(partKey(account, part))
    for (const member of members) memory.entries.delete(member)
    memory.batches.delete(id)
  })

const of = (memory: Memory, account: AccountId): ReadonlyArray<BatchEntry> =>
  [...memory.batches.values()].filter((batch) => batch.account === account).sort((a, b) => (a.id < b.id ? 1 : -1))

export const batches = (memory: Memory): BatchStore["Service"] => ({
  accept: (submission, items, limit) =>
    Effect.flatMap(Stream.runCollect(items), (all) => timed((now) => accept(memory, submission, [...all], limit, now))),
  uploaded: (account, id, limit) =>
    timed((now) => Effect.map(owned(memory, account, id), (batch) => uploaded(memory, batch, limit, now))),
  find: (account, id) => Effect.suspend(() => Effect.map(owned(memory, account, id), (batch) => batchOf(memory, batch))),
  matching: (account, prefix, limit) =>
    Effect.sync(() => of(memory, account).map(({ id }) => id).filter((id) => id.startsWith(prefix)).slice(0, limit)),
  list: (account, { before, limit }) =>
    Effect.sync(() =>
      of(memory, account).filter(({ id }) => before === undefined || id < before).slice(0, limit)
        .map((batch) => batchOf(memory, batch))
    ),
  members: (account, id, { after = 0, limit, states }) =>
    Effect.suspend(() =>
      Effect.map(owned(memory, account, id), () =>
        membersOf(memory, id)
          .filter(({ life, member }) =>
            (member?.position ?? 0) > after && (states === undefined || states.includes(life.state)))
          .slice(0, limit).map(executionOf))
    ),
  finished: (account, id, after, limit) =>
    Effect.suspend(() =>
      Effect.map(owned(memory, account, id), () =>
        membersOf(memory, id)
          .flatMap((entry) => entry.member?.finished == null ? [] : [{ number: entry.member.finished, execution: executionOf(entry) }])
          .filter(({ number }) => number > after).sort((a, b) => a.number - b.number).slice(0, limit))
    ),
  failures: (account, id) =>
    Effect.suspend(() =>
      Effect.map(owned(memory, account, id), () =>
        membersOf(memory, id).flatMap(({ life: { failure, state }, member, submission }) =>
          failure === null || !isFinal(state) ? [] : [{ execution: submission.id, position: member?.position ?? 0, state, failure }]))
    ),
  cancel: (account, id) =>
    timed((now) => Effect.map(owned(memory, account, id), (batch) => cancel(memory, batch, now))),
  retry: (account, id, wanted) =>
    timed((now) => Effect.flatMap(owned(memory, account, id), (batch) => retry(memory, batch, wanted, now))),
  remove: remove(memory)
})
