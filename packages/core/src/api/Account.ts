import * as Schema from "effect/Schema"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import { KeyId, Scope } from "../domain/ApiKey.ts"
import { AccountId, RunnerId } from "../domain/Id.ts"
import { Text } from "../domain/JobSpec.ts"
import { Authorization } from "./Authorization.ts"
import { NotFound, Unavailable } from "./Errors.ts"

export const Key = Schema.Struct({
  id: KeyId,
  name: Schema.String,
  scopes: Schema.Array(Scope),
  createdAt: Schema.DateTimeUtcFromString,
  revokedAt: Schema.NullOr(Schema.DateTimeUtcFromString)
}).annotate({ identifier: "Key" })

/** Isolation controls as the worker reports them: `enforced`, or why not. */
export const ReportedControl = Schema.Struct({
  name: Schema.String,
  enforced: Schema.Boolean,
  detail: Schema.String
}).annotate({ identifier: "Control" })

export const Worker = Schema.Struct({
  id: RunnerId,
  name: Schema.String,
  sandbox: Schema.String,
  /** Where it stands, when it says so. */
  region: Schema.optionalKey(Schema.String),
  version: Schema.String,
  slots: Schema.Int,
  busy: Schema.Int,
  connectedAt: Schema.DateTimeUtcFromString,
  controls: Schema.Array(ReportedControl)
}).annotate({ identifier: "Worker" })
export type Worker = typeof Worker.Type

/** Whose key asks, and what it may. */
export const Whose = Schema.Struct({ account: AccountId, key: KeyId, scopes: Schema.Array(Scope) })
  .annotate({ identifier: "Whose" })

export const NewKey = Schema.Struct({
  name: Text.check(Schema.isNonEmpty(), Schema.isMaxLength(100)),
  scopes: Schema.NonEmptyArray(Scope)
}).annotate({ identifier: "NewKey" })

/** `key` is told this once. */
export const CreatedKey = Schema.Struct({ record: Key, key: Schema.String }).annotate({ identifier: "CreatedKey" })

export class AccountGroup extends HttpApiGroup.make("account").add(
  HttpApiEndpoint.post("validate", "/auth/validate", { success: Whose, error: Unavailable }),
  HttpApiEndpoint.get("workers", "/workers", { success: Schema.Array(Worker), error: Unavailable }),
  HttpApiEndpoint.get("keys", "/keys", { success: Schema.Array(Key), error: Unavailable }),
  HttpApiEndpoint.post("createKey", "/keys", {
    payload: NewKey,
    success: CreatedKey.pipe(HttpApiSchema.status(201)),
    error: Unavailable
  }),
  HttpApiEndpoint.delete("revokeKey", "/keys/:id", {
    params: { id: Schema.String },
    success: Key,
    error: [NotFound, Unavailable]
  })
).middleware(Authorization).prefix("/api/v1") {}
