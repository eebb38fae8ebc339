import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import {
  AuthenticationError,
  ConnectionError,
  ConstraintError,
  DeadlockError,
  SqlError,
  type SqlErrorReason,
  SqlSyntaxError,
  UnknownError
} from "effect/sql/SqlError"
import { unavailable } from "../../src/adapters/postgres/errors.ts"

const coded = (code: string) => Object.assign(new Error(`error ${code}`), { code })

const away: ReadonlyArray<readonly [string, SqlErrorReason]> = [
  ["a lost socket", new ConnectionError({ cause: coded("ECONNRESET") })],
  ["a server that starts up", new UnknownError({ cause: coded("57P03"), operation: "connect" })],
  ["a server that was shut down under a query", new UnknownError({ cause: coded("57P01"), operation: "query" })],
  ["too many connections", new UnknownError({ cause: coded("53300") })],
  ["a full disk", new UnknownError({ cause: coded("53100") })],
  ["a standby", new UnknownError({ cause: coded("25006") })],
  ["a dead session", new UnknownError({ cause: new Error("Connection closed unexpectedly") })],
  ["a changed password", new AuthenticationError({ cause: coded("28P01") })],
  ["a deadlock's victim", new DeadlockError({ cause: coded("40P01") })]
]

const wrong: ReadonlyArray<readonly [string, SqlErrorReason]> = [
  ["a statement that makes no sense", new SqlSyntaxError({ cause: coded("42601") })],
  ["a broken invariant", new ConstraintError({ cause: coded("23514") })],
  ["a parameter that can't be sent", new UnknownError({ cause: new Error("x"), message: "Failed to encode query" })],
  ["a value out of range", new UnknownError({ cause: coded("22003"), operation: "query" })]
]

describe("the database's errors", () => {
  for (const [name, reason] of away) {
    it.effect(`${name} means the store is unavailable`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(unavailable(Effect.fail(new SqlError({ reason }))))
        assert.strictEqual(error._tag, "StoreUnavailable")
        assert.isTrue(error.isRetryable)
        assert.isNotEmpty(error.detail)
      }))
  }

  for (const [name, reason] of wrong) {
    it.effect(`${name} is a defect`, () =>
      Effect.gen(function*() {
        const exit = yield* Effect.exit(unavailable(Effect.fail(new SqlError({ reason }))))
        assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
      }))
  }

  it.effect("leave the port's own errors alone", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* Effect.flip(unavailable(Effect.fail("mine" as const))), "mine")
    }))
})
