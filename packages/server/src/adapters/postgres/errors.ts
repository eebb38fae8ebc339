/** The one place where the driver's errors become the port's. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { isSqlError, type SqlError, type SqlErrorReason } from "effect/sql/SqlError"
import { StoreUnavailable } from "rgrid/ports/ExecutionStore"

/** The schema and this program don't belong together. Waiting does not help; the other version of the program does. */
export class MigrationRefused extends Schema.TaggedError<MigrationRefused>()("MigrationRefused", {
  detail: Schema.String
}) {
  readonly isRetryable: boolean = false
}

const codeOf = (reason: SqlErrorReason): string | undefined => {
  const cause = reason.cause
  return typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : undefined
}

/** 53 out of resources, 57 the operator intervenes (shutdown, start-up), 58 the system fails, 25006 read only. */
const refusing = (code: string): boolean => /^(53|57|58)/.test(code) || code === "25006"

const isUnavailable = (reason: SqlErrorReason): boolean => {
  if (reason.isRetryable || reason._tag === "AuthenticationError" || reason.operation === "connect") return true
  // The driver's word for a parameter that it can't write: our mistake, however often it is tried.
  if (reason._tag !== "UnknownError" || reason.message?.includes("Failed to encode") === true) return false
  const code = codeOf(reason)
  // Five characters make an SQLSTATE; anything else is a socket's error or the driver's own about a dead session.
  return code === undefined || code.length !== 5 || refusing(code)
}

const described = ({ reason }: SqlError): string => {
  const inner = reason.cause instanceof Error ? reason.cause.message : undefined
  const outer = reason.message ?? reason._tag
  return inner === undefined || outer.includes(inner) ? outer : `${outer} (${inner})`
}

/** A database away or refusing is `StoreUnavailable`; a statement that can never succeed is a defect. */
export const unavailable = <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, Exclude<E, SqlError> | StoreUnavailable, R> =>
  Effect.catch(effect, (error): Effect.Effect<never, Exclude<E, SqlError> | StoreUnavailable> => {
    if (!isSqlError(error)) return Effect.fail(error as Exclude<E, SqlError>)
    return isUnavailable(error.reason)
      ? Effect.fail(new StoreUnavailable({ detail: described(error) }))
      : Effect.die(error)
  })

/** Migrating as a login that may not make roles or tables: somebody has to grant that, no retry does. */
export const refusedByRights = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | MigrationRefused, R> =>
  Effect.catch(effect, (error): Effect.Effect<never, E | MigrationRefused> =>
    isSqlError(error) && error.reason._tag === "AuthorizationError"
      ? Effect.fail(
        new MigrationRefused({
          detail: "The database's login lacks a right that migrations need (they make tables and two roles): " +
            described(error)
        })
      )
      : Effect.fail(error))

/** The verb with the driver's errors mapped. */
export const mapped = <Args extends ReadonlyArray<unknown>, A, E>(verb: (...args: Args) => Effect.Effect<A, E>) =>
(...args: Args) => unavailable(Effect.suspend(() => verb(...args)))
