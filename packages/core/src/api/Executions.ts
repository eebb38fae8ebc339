import * as Schema from "effect/Schema"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import { Execution, OutputManifest } from "../domain/Execution.ts"
import { State } from "../domain/ExecutionState.ts"
import { ByteCount, JobSpec, Sha256, Text } from "../domain/JobSpec.ts"
import { RetryOverrides } from "../domain/Retry.ts"
import { WhyFacts } from "../domain/Why.ts"
import { Authorization } from "./Authorization.ts"
import { before, keyed, limit, params, wait, whole } from "./common.ts"
import {
  Ambiguous,
  KeyReused,
  LogOffsetMismatch,
  NotFound,
  Unavailable,
  Unended,
  Unprocessable,
  Unrepeatable
} from "./Errors.ts"

/** A request to make as it stands; a `url` without a host belongs to the server that gave it. */
export const SignedRequest = Schema.Struct({
  url: Schema.String,
  headers: Schema.Record(Schema.String, Schema.String),
  /** Of a PUT: content codings its body may have. Absent: none, its bytes would be stored as they come. */
  encodings: Schema.optionalKey(Schema.Array(Schema.String))
}).annotate({ identifier: "SignedRequest" })

/** A part the grid lacks, and the PUT that brings it. */
export const MissingPart = Schema.Struct({
  sha256: Sha256,
  size: ByteCount,
  put: SignedRequest
}).annotate({ identifier: "MissingPart" })
export type MissingPart = typeof MissingPart.Type

/** An accepted execution. It is durable; it starts once nothing is missing and `uploaded` was called. */
export const Accepted = Schema.Struct({
  execution: Execution,
  missing: Schema.Array(MissingPart)
}).annotate({ identifier: "Accepted" })
export type Accepted = typeof Accepted.Type

/** Part of a log, in order of arrival. */
export const LogSegment = Schema.Struct({
  stream: Schema.Literals(["stdout", "stderr"]),
  seq: Schema.Int,
  /** Microseconds since 1970. */
  time: Schema.Int,
  /** Bytes of the same stream before this segment. */
  offset: ByteCount,
  bytes: Schema.Uint8ArrayFromBase64
}).annotate({ identifier: "LogSegment" })

/** One page of the newest (or the asked) attempt's log. */
export const LogPage = Schema.Struct({
  attempt: Schema.Int,
  segments: Schema.Array(LogSegment),
  /** Where the next page starts. */
  next: ByteCount,
  /** Nothing will follow `next`: the attempt is over and this was its last page. */
  ended: Schema.Boolean
}).annotate({ identifier: "LogPage" })
export type LogPage = typeof LogPage.Type

/** The manifest, and a GET for each part of its files. */
export const OutputList = Schema.Struct({
  manifest: OutputManifest,
  parts: Schema.Record(Schema.String, SignedRequest)
}).annotate({ identifier: "OutputList" })
export type OutputList = typeof OutputList.Type

/** Largest body of one piece of stdin (4 MiB). */
export const maxStdinBytes = 4 * 1024 * 1024

export const StdinTaken = Schema.Struct({
  /** Where the next frames belong; unchanged when the script is too far behind: send them again. */
  length: ByteCount,
  /** False: the execution has ended, nobody will read. */
  wanted: Schema.Boolean
}).annotate({ identifier: "StdinTaken" })

export const ExecutionPage = Schema.Struct({
  executions: Schema.Array(Execution),
  /** Give it as `before` for the next page; absent on the last. */
  next: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "ExecutionPage" })

export const Removed = Schema.Struct({ id: Schema.String }).annotate({ identifier: "Removed" })

const unknown = [NotFound, Ambiguous, Unavailable] as const

export class ExecutionsGroup extends HttpApiGroup.make("executions").add(
  HttpApiEndpoint.post("submit", "/", {
    headers: keyed,
    payload: JobSpec,
    success: Accepted.pipe(HttpApiSchema.status(201)),
    error: [KeyReused, Unprocessable, Unavailable]
  }),
  HttpApiEndpoint.get("list", "/", {
    query: {
      limit,
      before,
      status: Schema.optionalKey(State),
      script: Schema.optionalKey(Text),
      /** `KEY=VALUE`; several must all be there. */
      metadata: Schema.optionalKey(Schema.Array(Schema.String))
    },
    success: ExecutionPage,
    error: [Unprocessable, Unavailable]
  }),
  HttpApiEndpoint.get("get", "/:id", { params, query: { wait }, success: Execution, error: unknown }),
  HttpApiEndpoint.get("why", "/:id/why", { params, success: WhyFacts, error: unknown }),
  HttpApiEndpoint.post("uploaded", "/:id/uploaded", { params, success: Accepted, error: unknown }),
  HttpApiEndpoint.post("cancel", "/:id/cancel", { params, success: Execution, error: unknown }),
  HttpApiEndpoint.post("retry", "/:id/retry", {
    params,
    headers: keyed,
    payload: RetryOverrides,
    success: Execution.pipe(HttpApiSchema.status(201)),
    error: [NotFound, Ambiguous, Unended, Unrepeatable, KeyReused, Unavailable]
  }),
  HttpApiEndpoint.delete("remove", "/:id", {
    params,
    success: Removed,
    error: [NotFound, Ambiguous, Unended, Unavailable]
  }),
  HttpApiEndpoint.get("outputs", "/:id/outputs", { params, success: OutputList, error: unknown }),
  HttpApiEndpoint.get("output", "/:id/outputs/:path", {
    params: { ...params, path: Schema.String },
    success: HttpApiSchema.StreamUint8Array(),
    error: unknown
  }),
  HttpApiEndpoint.post("stdin", "/:id/stdin", {
    params,
    query: { offset: whole },
    payload: HttpApiSchema.StreamUint8Array({ maxBytes: maxStdinBytes }),
    success: StdinTaken,
    error: [NotFound, Ambiguous, LogOffsetMismatch, Unprocessable, Unavailable]
  }),
  HttpApiEndpoint.post("endStdin", "/:id/stdin/end", { params, error: unknown }),
  HttpApiEndpoint.get("logs", "/:id/logs", {
    params,
    query: {
      attempt: Schema.optionalKey(whole),
      offset: Schema.optionalKey(whole),
      wait
    },
    success: LogPage,
    error: [NotFound, Ambiguous, Unprocessable, Unavailable]
  }),
  HttpApiEndpoint.get("text", "/:id/logs/text", {
    params,
    query: {
      stream: Schema.optionalKey(Schema.Literals(["stdout", "stderr"])),
      follow: Schema.optionalKey(Schema.Boolean)
    },
    success: HttpApiSchema.StreamUint8Array({ contentType: "text/plain" }),
    error: unknown
  })
).middleware(Authorization).prefix("/api/v1/executions") {}
