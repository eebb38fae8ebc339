/** What every keeper of API keys must do, as tests. */
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { format, generate, parse } from "../domain/ApiKey.ts"
import { accountId } from "../domain/Id.ts"
import { Identity } from "../ports/Identity.ts"

export interface Options<E> {
  readonly layer: Layer.Layer<Identity, E>
  readonly testClock: boolean
}

/** The same length and shape, another secret. */
const forged = (key: string): string => key.slice(0, -1) + (key.endsWith("A") ? "B" : "A")

const refused = Effect.fnUntraced(function*(token: string) {
  const identity = yield* Identity
  const error = yield* Effect.flip(identity.authenticate(token))
  assert.strictEqual(error._tag, "BadCredential")
})

/** Accounts come by bootstrap only: the second key belongs to the same one. */
const bootstrapped = Effect.gen(function*() {
  const identity = yield* Identity
  const key = format(generate())
  return { identity, key, principal: yield* identity.bootstrap(key) }
})

export const suite = <E>(name: string, options: Options<E>): void => {
  describe(`Identity: ${name}`, () => {
    layer(options.layer, { timeout: "60 seconds", excludeTestServices: !options.testClock })((it) => {
      it.effect("begins with one account, the same for every server that starts at that moment", () =>
        Effect.gen(function*() {
          const identity = yield* Identity
          const key = format(generate())
          const starts = Array.from({ length: 5 }, () => identity.bootstrap(key))
          const all = yield* Effect.all(starts, { concurrency: "unbounded" })
          const [first] = all
          for (const principal of all) assert.deepStrictEqual(principal, first)
          assert.isTrue(first?.scopes.includes("admin"))
          assert.deepStrictEqual(yield* identity.authenticate(key), first)
          const second = yield* identity.bootstrap(format(generate()))
          assert.strictEqual(second.account, first?.account)
          assert.strictEqual((yield* Effect.flip(identity.bootstrap("nonsense")))._tag, "BadCredential")
          assert.strictEqual((yield* Effect.flip(identity.bootstrap(forged(key))))._tag, "BadCredential")
        }))

      it.effect("tells a key's account and scopes, and nothing about what is wrong with a token", () =>
        Effect.gen(function*() {
          const { identity, principal } = yield* bootstrapped
          const { key, record } = yield* identity.create(principal.account, "ci", ["user"])
          assert.deepStrictEqual(yield* identity.authenticate(key), {
            account: principal.account,
            key: record.id,
            scopes: ["user"]
          })
          for (const token of ["", "x", `${key} `, forged(key), format(generate())]) yield* refused(token)
        }))

      it.effect("lists records without secrets", () =>
        Effect.gen(function*() {
          const { identity, principal } = yield* bootstrapped
          const { key, record } = yield* identity.create(principal.account, "runner", ["runner"])
          const records = yield* identity.list(principal.account)
          assert.deepInclude([...records], record)
          assert.deepInclude(record, { name: "runner", scopes: ["runner"], revokedAt: null })
          const parts = parse(key)
          assert.isTrue(parts._tag === "Some" && !JSON.stringify(records).includes(parts.value.secret))
        }))

      it.effect("refuses a revoked key at once and for good", () =>
        Effect.gen(function*() {
          const { identity, principal } = yield* bootstrapped
          const { key, record } = yield* identity.create(principal.account, "x", ["user"])
          const revoked = yield* identity.revoke(principal.account, record.id)
          assert.isNotNull(revoked.revokedAt)
          yield* refused(key)
          assert.deepStrictEqual(yield* identity.revoke(principal.account, record.id), revoked)
          assert.strictEqual((yield* Effect.flip(identity.bootstrap(key)))._tag, "BadCredential")
        }))

      it.effect("knows no key of another account", () =>
        Effect.gen(function*() {
          const { identity, key, principal } = yield* bootstrapped
          const other = accountId(Date.now())
          const error = yield* Effect.flip(identity.revoke(other, principal.key))
          assert.strictEqual(error._tag, "UnknownKey")
          assert.deepStrictEqual(yield* identity.list(other), [])
          assert.deepStrictEqual(yield* identity.authenticate(key), principal)
        }))
    })
  })
}
