/** What a runner says about one attempt, with that attempt's token. Claims, renewals and cancels: `RunnerProtocol.ts`. */
import * as Schema from "effect/Schema"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as OpenApi from "effect/http-api/OpenApi"
import { Execution, OutputManifest } from "../domain/Execution.ts"
import { Phases } from "../domain/ExecutionEvent.ts"
import { finalStates, State } from "../domain/ExecutionState.ts"
import { Failure } from "../domain/Failure.ts"
import { ByteCount, Sha256, Text } from "../domain/JobSpec.ts"
import { AttemptAuthorization } from "./Authorization.ts"
import { AttemptStale, LogOffsetMismatch, Unavailable, Unprocessable } from "./Errors.ts"
import { MissingPart, SignedRequest } from "./Executions.ts"

/** Largest body of one log append (4 MiB): appends are buffered whole. */
export const maxAppendBytes = 4 * 1024 * 1024

/** How the attempt ended, in the runner's words. */
export const SettleRequest = Schema.Struct({
  state: Schema.Literals(finalStates),
  failure: Schema.NullOr(Failure),
  exitCode: Schema.NullOr(Schema.Int),
  usage: Execution.fields.usage,
  manifest: OutputManifest,
  phases: Schema.optionalKey(Phases),
  /** Content address of what the script ran in. */
  runtimeDigest: Schema.optionalKey(Text.check(Schema.isMaxLength(512))),
  log: Schema.Struct({
    stdoutBytes: ByteCount,
    stderrBytes: ByteCount,
    length: ByteCount,
    sha256: Sha256,
    /** Frames from `offset` to the end that were not appended yet: short logs come with the settlement itself. */
    tail: Schema.Struct({ offset: ByteCount, frames: Schema.Uint8ArrayFromBase64 })
  })
}).annotate({ identifier: "SettleRequest" })
export type SettleRequest = typeof SettleRequest.Type

/** A piece of a streamed stdin. Empty: nothing came within the seconds asked to wait. */
export const StdinPage = Schema.Struct({
  bytes: Schema.Uint8ArrayFromBase64,
  next: ByteCount,
  ended: Schema.Boolean
}).annotate({ identifier: "StdinPage" })
export type StdinPage = typeof StdinPage.Type

const params = { execution: Schema.String, fence: Schema.NumberFromString }

export class AttemptsGroup extends HttpApiGroup.make("attempts").add(
  HttpApiEndpoint.post("started", "/:execution/:fence/started", { params, error: [AttemptStale, Unavailable] }),
  HttpApiEndpoint.post("inputs", "/:execution/:fence/inputs", {
    params,
    payload: Schema.Struct({ parts: Schema.Array(Sha256) }),
    success: Schema.Struct({ parts: Schema.Record(Schema.String, SignedRequest) }),
    error: [AttemptStale, Unprocessable, Unavailable]
  }),
  HttpApiEndpoint.get("stdin", "/:execution/:fence/stdin", {
    params,
    query: { offset: Schema.NumberFromString, wait: Schema.NumberFromString },
    success: StdinPage,
    error: [AttemptStale, Unavailable]
  }),
  HttpApiEndpoint.post("append", "/:execution/:fence/log", {
    params,
    query: { offset: Schema.NumberFromString },
    payload: HttpApiSchema.StreamUint8Array({ maxBytes: maxAppendBytes }),
    success: Schema.Struct({ length: ByteCount }),
    error: [AttemptStale, LogOffsetMismatch, Unprocessable, Unavailable]
  }),
  HttpApiEndpoint.post("outputs", "/:execution/:fence/outputs", {
    params,
    payload: Schema.Struct({ parts: Schema.Array(Schema.Struct({ sha256: Sha256, size: ByteCount })) }),
    success: Schema.Struct({ missing: Schema.Array(MissingPart) }),
    error: [AttemptStale, Unprocessable, Unavailable]
  }),
  HttpApiEndpoint.post("settle", "/:execution/:fence/settle", {
    params,
    payload: SettleRequest,
    success: Schema.Struct({ state: State, duplicate: Schema.Boolean }),
    error: [AttemptStale, LogOffsetMismatch, Unprocessable, Unavailable]
  }),
  HttpApiEndpoint.post("lose", "/:execution/:fence/lose", {
    params,
    payload: Schema.Struct({ detail: Schema.String }),
    success: Schema.Struct({ state: State }),
    error: [AttemptStale, Unavailable]
  })
).middleware(AttemptAuthorization).prefix("/api/v1/attempts").annotate(OpenApi.Exclude, true) {}
