import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { executionId } from "rgrid/domain/Id"
import { AttemptTokens } from "../src/AttemptToken.ts"

const keyed = (byte: number) => AttemptTokens.layer(Redacted.make(new Uint8Array(32).fill(byte)))
const attempt = { execution: executionId(1), fence: 12 }

describe("AttemptTokens", () => {
  it.effect("knows the attempt it made a token for", () =>
    Effect.gen(function*() {
      const tokens = yield* AttemptTokens
      const token = tokens.make(attempt)
      assert.match(token, /^rgrid_attempt_exec_[0-9a-z]{26}_12_/)
      assert.deepStrictEqual(tokens.verify(token), Option.some(attempt))
    }).pipe(Effect.provide(keyed(1))))

  it.effect("knows nothing of a token that differs in one letter, or is no token", () =>
    Effect.gen(function*() {
      const tokens = yield* AttemptTokens
      const token = tokens.make(attempt)
      for (let at = 0; at < token.length; at++) {
        // The last letter of the MAC carries two bits that mean nothing: it is compared as text all the same.
        const letter = token[at] === "5" ? "6" : "5"
        const changed = token.slice(0, at) + letter + token.slice(at + 1)
        assert.isTrue(Option.isNone(tokens.verify(changed)), `letter ${at}`)
      }
      for (const other of ["", token.slice(0, -1), `${token}A`, ` ${token}`, `${token}=`]) {
        assert.isTrue(Option.isNone(tokens.verify(other)))
      }
    }).pipe(Effect.provide(keyed(1))))

  it.effect("knows nothing of another key's tokens", () =>
    Effect.gen(function*() {
      const token = (yield* AttemptTokens).make(attempt)
      const other = yield* Effect.provide(AttemptTokens, keyed(2))
      assert.isTrue(Option.isNone(other.verify(token)))
    }).pipe(Effect.provide(keyed(1))))
})
