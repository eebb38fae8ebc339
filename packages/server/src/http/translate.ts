/** Errors of the core as answers of the API. */
import { Ambiguous, AttemptStale, KeyReused, LogOffsetMismatch, NotFound, Unavailable, Unended, Unprocessable, Unrepeatable } from "rgrid/api/Errors"
import type { Contradiction } from "rgrid/grid/attempts"
import type { NoSuchOutput } from "rgrid/grid/outputs"
import type { NoFrameThere } from "rgrid/grid/readLog"
import type { AmbiguousId, NoSuchExecution } from "rgrid/grid/resolve"
import type { InvalidJob } from "rgrid/grid/submit"
import type { BatchNotRepeatable, UnknownBatch } from "rgrid/ports/BatchStore"
import type { IdempotencyConflict, NotEnded, NotRepeatable, StaleAttempt, StoreUnavailable, UnknownExecution } from "rgrid/ports/ExecutionStore"
import type { UnknownKey } from "rgrid/ports/Identity"
import type { LogUnavailable, MalformedLog, OffsetMismatch } from "rgrid/ports/LogStore"
import type { ObjectsUnavailable } from "rgrid/ports/ObjectStore"
import * as Effect from "effect/Effect"

/** One handler for each error of the core; a route names those it can meet. */
export const answers = {
  StoreUnavailable: ({ detail }: StoreUnavailable) => Effect.fail(new Unavailable({ part: "database", detail })),
  ObjectsUnavailable: ({ detail }: ObjectsUnavailable) => Effect.fail(new Unavailable({ part: "objects", detail })),
  LogUnavailable: ({ detail }: LogUnavailable) => Effect.fail(new Unavailable({ part: "logs", detail })),
  UnknownExecution: ({ id }: UnknownExecution) => Effect.fail(new NotFound({ what: "execution", id })),
  NotEnded: ({ id }: NotEnded) => Effect.fail(new Unended({ id })),
  NotRepeatable: ({ id, lacks }: NotRepeatable) => Effect.fail(new Unrepeatable({ id, lacks })),
  NoSuchExecution: ({ id, nearest }: NoSuchExecution) =>
    Effect.fail(new NotFound({ what: "execution", id, ...(nearest === null ? {} : { nearest }) })),
  AmbiguousId: ({ id, matches }: AmbiguousId) => Effect.fail(new Ambiguous({ id, matches })),
  UnknownBatch: ({ id }: UnknownBatch) => Effect.fail(new NotFound({ what: "batch", id })),
  BatchNotRepeatable: ({ id, lacks }: BatchNotRepeatable) => Effect.fail(new Unrepeatable({ id, lacks })),
  NoSuchOutput: ({ nearest, path }: NoSuchOutput) =>
    Effect.fail(new NotFound({ what: "output", id: path, ...(nearest === null ? {} : { nearest }) })),
  UnknownKey: ({ id }: UnknownKey) => Effect.fail(new NotFound({ what: "key", id })),
  IdempotencyConflict: ({ key }: IdempotencyConflict) => Effect.fail(new KeyReused({ key })),
  InvalidJob: ({ detail }: InvalidJob) => Effect.fail(new Unprocessable({ detail })),
  StaleAttempt: ({ execution, fence }: StaleAttempt) => Effect.fail(new AttemptStale({ execution, fence })),
  OffsetMismatch: ({ length }: OffsetMismatch) => Effect.fail(new LogOffsetMismatch({ length })),
  MalformedLog: ({ at }: MalformedLog) => Effect.fail(new Unprocessable({ detail: `no whole frame at byte ${at}` })),
  NoFrameThere: ({ offset }: NoFrameThere) =>
    Effect.fail(new Unprocessable({ detail: `no segment begins at ${offset}; a page's next says where one does` })),
  Contradiction: ({ detail }: Contradiction) => Effect.fail(new Unprocessable({ detail }))
} as const
