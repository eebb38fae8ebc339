import * as Schema from "effect/Schema"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as OpenApi from "effect/http-api/OpenApi"
import { Batch, Resumption } from "../domain/Batch.ts"
import { Execution } from "../domain/Execution.ts"
import { State } from "../domain/ExecutionState.ts"
import { Failure } from "../domain/Failure.ts"
import { RetryOverrides } from "../domain/Retry.ts"
import { Authorization } from "./Authorization.ts"
import { Ambiguous, KeyReused, NotFound, Unavailable, Unended, Unprocessable, Unrepeatable } from "./Errors.ts"
import { ExecutionPage, MissingPart } from "./Executions.ts"

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

const params = { id: Schema.String }
const keyed = { "idempotency-key": Schema.optionalKey(Schema.String.check(Schema.isMaxLength(200))) }
const whole = Schema.NumberFromString.check(Schema.isInt(), Schema.isGreaterThanOrEqualTo(0))
const limit = whole.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))
const unknown = [NotFound, Ambiguous, Unavailable] as const

export class BatchesGroup extends HttpApiGroup.make("batches").add(
  HttpApiEndpoint.post("submit", "/", {
    headers: keyed,
    payload: HttpApiSchema.StreamUint8Array({ maxBytes: maxBatchBytes }),
    success: AcceptedBatch.pipe(HttpApiSchema.status(201)),
    error: [KeyReused, Unprocessable, Unavailable]
  }).annotate(OpenApi.Summary, "Accept a batch: a line of JSON for the job, then one for each item"),
  HttpApiEndpoint.get("list", "/", {
    query: { limit: Schema.optionalKey(limit), before: Schema.optionalKey(Schema.String) },
    success: Schema.Struct({ batches: Schema.Array(Batch), next: Schema.optionalKey(Schema.String) }),
    error: [Unprocessable, Unavailable]
  }).annotate(OpenApi.Summary, "List batches, newest first"),
  HttpApiEndpoint.get("get", "/:id", { params, success: Batch, error: unknown })
    .annotate(OpenApi.Summary, "One batch"),
  HttpApiEndpoint.post("uploaded", "/:id/uploaded", { params, success: AcceptedBatch, error: unknown })
    .annotate(OpenApi.Summary, "What was missing was sent: queue what is whole, tell what is missing still"),
  HttpApiEndpoint.get("members", "/:id/executions", {
    params,
    query: {
      limit: Schema.optionalKey(limit),
      /** Only behind this position. */
      after: Schema.optionalKey(whole),
      status: Schema.optionalKey(Schema.Union([State, Schema.Array(State)]))
    },
    success: Schema.Struct({ ...ExecutionPage.fields, next: Schema.optionalKey(Schema.Int) }),
    error: unknown
  }).annotate(OpenApi.Summary, "Its executions, in the order of its items"),
  HttpApiEndpoint.get("finished", "/:id/finished", {
    params,
    query: {
      after: Schema.optionalKey(whole),
      limit: Schema.optionalKey(limit),
      /** Seconds to wait for something to be there, at most 30; default 0. */
      wait: Schema.optionalKey(whole.check(Schema.isLessThanOrEqualTo(30)))
    },
    success: FinishedPage,
    error: unknown
  }).annotate(OpenApi.Summary, "Its ended executions, in the order of their ends"),
  HttpApiEndpoint.get("causes", "/:id/causes", {
    params,
    success: Schema.Struct({ causes: Schema.Array(CauseGroup) }),
    error: unknown
  }).annotate(OpenApi.Summary, "Why members failed, by cause"),
  HttpApiEndpoint.post("cancel", "/:id/cancel", { params, success: Batch, error: unknown })
    .annotate(OpenApi.Summary, "Cancel all that has not ended"),
  HttpApiEndpoint.post("retry", "/:id/retry", {
    params,
    headers: keyed,
    payload: BatchRetry,
    success: Batch.pipe(HttpApiSchema.status(201)),
    error: [...unknown, Unrepeatable, Unprocessable, KeyReused]
  }).annotate(OpenApi.Summary, "Run ended items once more, as a new batch"),
  HttpApiEndpoint.delete("remove", "/:id", {
    params,
    success: Schema.Struct({ id: Schema.String }),
    error: [...unknown, Unended]
  }).annotate(OpenApi.Summary, "Delete an ended batch with its executions, outputs and logs")
).middleware(Authorization).prefix("/api/v1/batches") {}
