import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { make, maskable } from "../../src/attempt/masking.ts"

const secrets = ["aaaaaaab", "aaaaaaabbb", "abababababab", "bbbbbbbbb"]
const pieces = ["a", "b", "c", "\n", ...secrets, ...secrets.map((secret) => secret.slice(0, -1))]

const Choice = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: pieces.length - 1 }))
const Cut = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 12 }))

const masked = (text: string, cuts: ReadonlyArray<number>, values: ReadonlyArray<string> = secrets): string => {
  const mask = make(maskable(values))
  const bytes = Buffer.from(text)
  const out: Array<Uint8Array> = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = cuts[turn % cuts.length] ?? bytes.length
    out.push(mask.push(bytes.subarray(at, at + size)))
    at += size
  }
  return Buffer.concat([...out, mask.end()]).toString()
}

/** The same rule, said with a regular expression: longest first at each place. */
const expected = (text: string): string =>
  text.replace(new RegExp([...secrets].sort((a, b) => b.length - a.length).join("|"), "g"), "***")

describe("masking", () => {
  it.prop(
    "gives the same however the stream is cut",
    { choices: Schema.Array(Choice), cuts: Schema.NonEmptyArray(Cut) },
    ({ choices, cuts }) => {
      const text = choices.map((choice) => pieces[choice]).join("")
      assert.strictEqual(masked(text, cuts), expected(text))
    }
  )

  it("masks each of a text's cuts", () => {
    const text = "the key is correct horse battery, twice: correct horse battery"
    for (let size = 1; size <= text.length; size++) {
      assert.strictEqual(masked(text, [size], ["correct horse battery"]), "the key is ***, twice: ***")
    }
  })

  it("leaves short values alone", () => {
    assert.deepStrictEqual(maskable(["1234567", "12345678", "12345678", ""]).map(String), ["12345678"])
  })

  it("counts bytes, not letters", () => {
    assert.strictEqual(masked("→ pässwörd ←", [1], ["pässwörd"]), "→ *** ←")
  })

  it("gives out at once what can't become a secret", () => {
    const mask = make(maskable(["password1"]))
    assert.strictEqual(Buffer.from(mask.push(Buffer.from("enter pass"))).toString(), "enter ")
    assert.strictEqual(Buffer.from(mask.push(Buffer.from("phrase: "))).toString(), "passphrase: ")
    assert.strictEqual(Buffer.from(mask.end()).toString(), "")
  })

  it("gives out at the end what only began as a secret", () => {
    const mask = make(maskable(["password1"]))
    assert.strictEqual(Buffer.from(mask.push(Buffer.from("password"))).toString(), "")
    assert.strictEqual(Buffer.from(mask.end()).toString(), "password")
  })
})
