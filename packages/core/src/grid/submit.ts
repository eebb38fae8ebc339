/** Accepting a job: what makes no sense is refused, the rest is made durable, and what the account lacks is asked for. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Execution } from "../domain/Execution.ts"
import type { AccountId, ExecutionId } from "../domain/Id.ts"
import { contentsOf, type FileContent, type JobSpec, partBytes } from "../domain/JobSpec.ts"
import { signedUrl } from "../domain/Timing.ts"
import { type Accepted, ExecutionStore, type Part, type Submission } from "../ports/ExecutionStore.ts"
import { inputKey, ObjectStore, type SignedRequest } from "../ports/ObjectStore.ts"

/** The job's parts contradict each other. */
export class InvalidJob extends Schema.TaggedError<InvalidJob>()("InvalidJob", { detail: Schema.String }) {}

export interface Offered {
  readonly execution: Execution
  readonly missing: ReadonlyArray<Part & { readonly put: SignedRequest }>
}

export const isConsistent = ({ parts, size }: FileContent): boolean => parts.length === Math.ceil(size / partBytes)

/** What of a job can't be true; null when nothing is wrong with it. */
export const contradiction = (spec: JobSpec): string | null => {
  const paths = spec.files.map((file) => file.path)
  if (new Set(paths).size < paths.length) return "two files stand at the same path"
  if (!contentsOf(spec).every(isConsistent)) return "a file's parts do not add up to its size"
  if (spec.args.some((arg) => arg.includes("\0"))) return "an argument holds a zero byte"
  return null
}

const signed = Effect.fnUntraced(function*(account: AccountId, parts: ReadonlyArray<Part>) {
  const objects = yield* ObjectStore
  return yield* Effect.forEach(parts, (part) =>
    objects.presignPut(inputKey(account, part.sha256), part, signedUrl).pipe(Effect.map((put) => ({ ...part, put }))))
})

const offer = (account: AccountId, { execution, missing }: Accepted) =>
  Effect.map(signed(account, missing), (parts): Offered => ({ execution, missing: parts }))

/** What sends again those of these parts that are stored: whoever doubts what is there. */
export const sendAgain = Effect.fn("grid.sendAgain")(function*(account: AccountId, parts: ReadonlyArray<Part>) {
  const store = yield* ExecutionStore
  const stored = yield* store.storedParts(account, parts.map(({ sha256 }) => sha256))
  return yield* signed(account, parts.filter(({ sha256 }) => stored.has(sha256)))
})

/** Durable when it returns; queued at once when nothing is missing. */
export const submit = Effect.fn("grid.submit")(function*(submission: Submission) {
  const detail = contradiction(submission.spec)
  if (detail !== null) return yield* new InvalidJob({ detail })
  const accepted = yield* ExecutionStore.use((store) => store.accept(submission))
  return yield* offer(submission.account, accepted)
})

/** Whether the object is there whole: a store that took the bytes itself has told nobody. */
export const arrived = (account: AccountId, part: Part) =>
  ObjectStore.use((objects) => objects.size(inputKey(account, part.sha256))).pipe(
    Effect.map((size) => size === part.size),
    Effect.catchTag("ObjectMissing", () => Effect.succeed(false))
  )

/** Everything missing was sent, says the client: queues the execution, or answers what has not arrived. */
export const uploaded = Effect.fn("grid.uploaded")(function*(account: AccountId, id: ExecutionId) {
  const store = yield* ExecutionStore
  const accepted = yield* store.uploaded(account, id)
  const here = yield* Effect.filter(accepted.missing, (part) => arrived(account, part), { concurrency: 8 })
  if (here.length === 0) return yield* offer(account, accepted)
  yield* Effect.forEach(here, (part) => store.recordPart(account, part), { discard: true })
  return yield* offer(account, yield* store.uploaded(account, id))
})
