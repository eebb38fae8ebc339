import { assert, describe, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { generate } from "rgrid/domain/ApiKey"
import { accountId } from "rgrid/domain/Id"
import { keep, matches } from "../../src/adapters/postgres/apiKeys.ts"
import { split } from "../../src/adapters/postgres/Migrations.ts"
import * as Sealing from "../../src/adapters/postgres/sealing.ts"

const keyOf = (byte: number) => Redacted.make(new Uint8Array(32).fill(byte))
const sealing = Sealing.make(keyOf(1))
const account = accountId(0)

describe("sealed environments", () => {
  it.prop("open to what was sealed, and look different each time", { text: Schema.String }, ({ text: any }) => {
    // Documents are sealed, in which JSON escapes what UTF-8 can't carry.
    const text = JSON.stringify(any)
    const [a, b] = [sealing.seal(account, text), sealing.seal(account, text)]
    assert.strictEqual(sealing.open(account, a), text)
    assert.notDeepEqual(a, b)
    assert.strictEqual(a[0], 1)
  })

  it("don't open under another account, another key, or with any byte changed", () => {
    const sealed = sealing.seal(account, "A=1")
    assert.throws(() => sealing.open(accountId(1), sealed))
    assert.throws(() => Sealing.make(keyOf(2)).open(account, sealed))
    for (let i = 0; i < sealed.length; i++) {
      const changed = sealed.map((byte, at) => (at === i ? byte ^ 1 : byte))
      assert.throws(() => sealing.open(account, changed))
    }
  })

  it("need a key of 32 bytes", () => {
    assert.throws(() => Sealing.make(Redacted.make(new Uint8Array(16))))
  })

  it("leave a fingerprint that depends on the key", () => {
    assert.deepStrictEqual(sealing.fingerprint("x"), Sealing.make(keyOf(1)).fingerprint("x"))
    assert.notDeepEqual(sealing.fingerprint("x"), Sealing.make(keyOf(2)).fingerprint("x"))
  })
})

describe("kept API keys", () => {
  it("hold under their own pepper as long as it is given", () => {
    const [old, now] = [{ version: 1, key: keyOf(1) }, { version: 2, key: keyOf(2) }]
    const key = generate()
    const kept = keep(old, key)
    assert.isTrue(matches([now, old], key, kept))
    assert.isFalse(matches([now], key, kept))
    assert.isFalse(matches([{ ...now, version: 1 }], key, kept))
    assert.isFalse(matches([now, old], generate(), kept))
  })
})

describe("migration files", () => {
  it("are parted at lines of their own only", () => {
    assert.deepStrictEqual(split("-- a\nselect ';;--;;'\n--;;\n\nselect 2 --;;\n--;;\n"), [
      "-- a\nselect ';;--;;'",
      "select 2 --;;"
    ])
  })
})
