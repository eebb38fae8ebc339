import * as Schema from "effect/Schema"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import { Batch, Resumption } from "../domain/Batch.ts"
import { Execution } from "../domain/Execution.ts"
import { State } from "../domain/ExecutionState.ts"
import { Failure } from "../domain/Failure.ts"
import { RetryOverrides } from "../domain/Retry.ts"
import { Authorization } from "./Authorization.ts"
import { before, keyed, limit, params, wait, whole } from "./common.ts"
import { Ambiguous, KeyReused, NotFound, Unavailable, Unended, Unprocessable, Unrepeatable } from "./Errors.ts"
import { ExecutionPage, MissingPart, Removed } from "./Executions.ts"

/** Largest body of a submission (64 MiB): a quarter of a million items of 250 bytes. */
export const maxBatchBytes = 64 * 1024 * 1024

/** A durable batch. Members start as soon as nothing of theirs is missing. */
export const AcceptedBatch = Schema.Struct({
  batch: Batch,
  /** The parts that are missing, first those that every item needs; at most `missingPage` an answer. */
  missing: Schema.Array(MissingPart),
  /** Only with `resume`, only in the first answer. */
  resumption: Schema.optionalKey(Resumption)
}).annotate({ identifier: "AcceptedBatch" })
export type AcceptedBatch = typeof AcceptedBatch.Type

/** Members that ended, in the order of their ends, which is fixed once told. */
export const FinishedPage = Schema.Struct({
  /** As it was before these were read. */
  batch: Batch,
  executions: Schema.Array(Execution),
  /** Which end of the batch the last of them was, from 1: give it as `after` for the next page. */
  next: Schema.Int,
  /** Nothing will follow `next`. */
  ended: Schema.Boolean
}).annotate({ identifier: "FinishedPage" })
export type FinishedPage = typeof FinishedPage.Type

/** Failed members of one cause, the most frequent cause first. */
export const CauseGroup = Schema.Struct({
  /** From 1; what `--cause` takes. */
  number: Schema.Int,
  /** The same cause has the same text in every batch. */
  fingerprint: Schema.String,
  count: Schema.Int,
  /** The first of them, and its failure. */
  sample: Execution,
  failure: Failure
}).annotate({ identifier: "CauseGroup" })
export type CauseGroup = typeof CauseGroup.Type

export const BatchRetry = Schema.Struct({
  /** Which members: those that did not complete, or all. Default `failed`. */
  only: Schema.optionalKey(Schema.Literals(["failed", "all"])),
  /** Only those of this cause. */
  fingerprint: Schema.optionalKey(Schema.String),
  over: Schema.optionalKey(RetryOverrides)
}).annotate({ identifier: "BatchRetry" })
export type BatchRetry = typeof BatchRetry.Type

const BatchPage = Schema.Struct({ batches: Schema.Array(Batch), next: Schema.optionalKey(Schema.String) })
  .annotate({ identifier: "BatchPage" })

/** `next`: give it as `after`. */
const MemberPage = Schema.Struct({ ...ExecutionPage.fields, next: Schema.optionalKey(Schema.Int) })
  .annotate({ identifier: "MemberPage" })

const CauseGroups = Schema.Struct({ causes: Schema.Array(CauseGroup) }).annotate({ identifier: "CauseGroups" })

const unknown = [NotFound, Ambiguous, Unavailable] as const

export class BatchesGroup extends HttpApiGroup.make("batches").add(
  /** A line of JSON for the job, then one for each item. */
  HttpApiEndpoint.post("submit", "/", {
    headers: keyed,
    payload: HttpApiSchema.StreamUint8Array({
      contentType: ["application/octet-stream", "application/x-ndjson"],
      maxBytes: maxBatchBytes
    }),
    success: AcceptedBatch.pipe(HttpApiSchema.status(201)),
    error: [KeyReused, Unprocessable, Unavailable]
  }),
  HttpApiEndpoint.get("list", "/", {
    query: { limit, before },
    success: BatchPage,
    error: [Unprocessable, Unavailable]
  }),
  HttpApiEndpoint.get("get", "/:id", { params, success: Batch, error: unknown }),
  HttpApiEndpoint.post("uploaded", "/:id/uploaded", { params, success: AcceptedBatch, error: unknown }),
  HttpApiEndpoint.get("members", "/:id/executions", {
    params,
    query: {
      limit,
      /** Only behind this position. */
      after: Schema.optionalKey(whole),
      status: Schema.optionalKey(Schema.Array(State))
    },
    success: MemberPage,
    error: unknown
  }),
  HttpApiEndpoint.get("finished", "/:id/finished", {
    params,
    query: {
      after: Schema.optionalKey(whole),
      limit,
      wait
    },
    success: FinishedPage,
    error: unknown
  }),
  HttpApiEndpoint.get("causes", "/:id/causes", {
    params,
    success: CauseGroups,
    error: unknown
  }),
  HttpApiEndpoint.post("cancel", "/:id/cancel", { params, success: Batch, error: unknown }),
  HttpApiEndpoint.post("retry", "/:id/retry", {
    params,
    headers: keyed,
    payload: BatchRetry,
    success: Batch.pipe(HttpApiSchema.status(201)),
    error: [...unknown, Unrepeatable, Unprocessable, KeyReused]
  }),
  HttpApiEndpoint.delete("remove", "/:id", {
    params,
    success: Removed,
    error: [...unknown, Unended]
  })
).middleware(Authorization).prefix("/api/v1/batches") {}
