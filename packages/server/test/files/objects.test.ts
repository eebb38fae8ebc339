import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { createHash } from "node:crypto"
import { accountId } from "rgrid/domain/Id"
import { Sha256 } from "rgrid/domain/JobSpec"
import { inputKey, ObjectStore } from "rgrid/ports/ObjectStore"
import * as ObjectStoreContract from "rgrid/testing/ObjectStoreContract"
import * as FilesObjectStore from "../../src/adapters/files/FilesObjectStore.ts"
import { SignedObjects, verify } from "../../src/adapters/files/signing.ts"

const files = Layer.unwrap(Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "rgrid-objects-" })
  return FilesObjectStore.layer({ directory, signingKey: new Uint8Array(32).fill(1) })
})).pipe(Layer.provide(NodeServices.layer))

ObjectStoreContract.suite("files", { layer: files })

const hashOf = (text: string): Sha256 => Sha256.make(createHash("sha256").update(text).digest("hex"))

const part = { sha256: hashOf("one"), size: 3 }
const other = { sha256: hashOf("other"), size: 5 }
const account = accountId(1)
const key = inputKey(account, part.sha256)
const otherKey = inputKey(account, other.sha256)
const term = Duration.minutes(15)

type Method = "GET" | "PUT"

const urlOf = (path: string): URL => new URL(path, "http://grid.example")

const presigned = Effect.fnUntraced(function*(method: Method) {
  const store = yield* ObjectStore
  const { headers, url } = yield* method === "PUT" ? store.presignPut(key, part, term) : store.presignGet(key, term)
  // The holder sends what it was given and nothing more: all that is signed is in the URL.
  assert.deepStrictEqual(headers, {})
  return urlOf(url)
})

const refused = Effect.fnUntraced(function*(method: Method, url: URL, reason: string) {
  const signed = yield* SignedObjects
  const error = yield* Effect.flip(signed.verify(method, url))
  assert.deepStrictEqual([error._tag, error.reason], ["SignatureRefused", reason], url.href)
})

/** The same request but for one parameter. */
const withParameter = (url: URL, name: string, value: string | null): URL => {
  const changed = new URL(url)
  if (value === null) changed.searchParams.delete(name)
  else changed.searchParams.set(name, value)
  return changed
}

const expiresOf = (url: URL): number => Number(url.searchParams.get("expires"))

/** Each the same length and shape as what it stands for, or nothing at all. */
const tampered: ReadonlyArray<readonly [what: string, methods: ReadonlyArray<Method>, change: (url: URL) => URL]> = [
  ["key", ["GET", "PUT"], (url) => urlOf(url.href.replace(key, otherKey))],
  ["account", ["GET", "PUT"], (url) => urlOf(url.href.replace(account, accountId(2)))],
  ["later end", ["GET", "PUT"], (url) => withParameter(url, "expires", String(expiresOf(url) + 1))],
  ["end, none any more", ["GET", "PUT"], (url) => withParameter(url, "expires", null)],
  ["size", ["PUT"], (url) => withParameter(url, "size", String(part.size + 1))],
  ["size, another word for the same", ["PUT"], (url) => withParameter(url, "size", "0x3")],
  ["size, none any more", ["PUT"], (url) => withParameter(url, "size", null)],
  ["size where none was", ["GET"], (url) => withParameter(url, "size", "3")],
  ["hash", ["PUT"], (url) => withParameter(url, "sha256", other.sha256)],
  ["hash, none any more", ["PUT"], (url) => withParameter(url, "sha256", null)],
  ["hash where none was", ["GET"], (url) => withParameter(url, "sha256", part.sha256)],
  ["signature of nothing", ["GET", "PUT"], (url) => withParameter(url, "sig", Buffer.alloc(32).toString("base64url"))]
]

describe("signed requests", () => {
  layer(files)((it) => {
    it.effect("permit what was signed, once or often", () =>
      Effect.gen(function*() {
        const signed = yield* SignedObjects
        const [put, get] = [yield* presigned("PUT"), yield* presigned("GET")]
        for (let times = 0; times < 2; times++) {
          assert.deepStrictEqual(yield* signed.verify("PUT", put), { key, part })
          assert.deepStrictEqual(yield* signed.verify("GET", get), { key, part: null })
        }
      }))

    it.effect("are for one method", () =>
      Effect.gen(function*() {
        yield* refused("GET", yield* presigned("PUT"), "wrong")
        yield* refused("PUT", yield* presigned("GET"), "wrong")
        const given = withParameter(yield* presigned("GET"), "size", String(part.size))
        yield* refused("PUT", withParameter(given, "sha256", part.sha256), "wrong")
      }))

    for (const [what, methods, change] of tampered) {
      for (const method of methods) {
        it.effect(`are refused with another ${what} (${method})`, () =>
          Effect.gen(function*() {
            const url = yield* presigned(method)
            const changed = change(url)
            assert.notStrictEqual(changed.href, url.href)
            yield* refused(method, changed, "wrong")
          }))
      }
    }

    it.effect("are refused when a first value of a parameter hides the signed one", () =>
      Effect.gen(function*() {
        const url = yield* presigned("PUT")
        for (const hiding of [`size=${other.size}`, `sha256=${other.sha256}`, `expires=${expiresOf(url) + 900}`]) {
          yield* refused("PUT", urlOf(`${url.pathname}?${hiding}&${url.search.slice(1)}`), "wrong")
        }
      }))

    it.effect("are refused without a signature, or with a piece of one", () =>
      Effect.gen(function*() {
        for (const method of ["GET", "PUT"] as const) {
          const url = yield* presigned(method)
          const sig = url.searchParams.get("sig") ?? ""
          for (const bad of [null, "", "x", sig.slice(0, 20), sig + sig]) {
            yield* refused(method, withParameter(url, "sig", bad), "malformed")
          }
        }
      }))

    it.effect("are refused by a grid with another key", () =>
      Effect.gen(function*() {
        const elsewhere = verify(new Uint8Array(32).fill(2))
        const error = yield* Effect.flip(elsewhere("GET", yield* presigned("GET")))
        assert.strictEqual(error.reason, "wrong")
      }))

    it.effect("expire", () =>
      Effect.gen(function*() {
        const signed = yield* SignedObjects
        const [put, get] = [yield* presigned("PUT"), yield* presigned("GET")]
        yield* TestClock.adjust(term)
        assert.deepStrictEqual(yield* signed.verify("PUT", put), { key, part })
        assert.deepStrictEqual(yield* signed.verify("GET", get), { key, part: null })
        // Ends are whole seconds.
        yield* TestClock.adjust("1 second")
        yield* refused("PUT", put, "expired")
        yield* refused("GET", get, "expired")
        // A wrong one is told no more than that it is wrong.
        yield* refused("GET", withParameter(get, "expires", String(expiresOf(get) + 900)), "wrong")
      }))
  })
})

describe("a stored object that its disk has spoilt", () => {
  it.effect("is whole again when the same content comes anew", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped({ prefix: "rgrid-objects-" })
      yield* Effect.gen(function*() {
        const store = yield* ObjectStore
        const text = new TextEncoder().encode("one")
        yield* store.put(key, part, Stream.make(text))
        const names = yield* fs.readDirectory(directory, { recursive: true })
        const file = names.find((name) => name.endsWith(part.sha256))
        for (const spoilt of ["eno", "o"]) {
          yield* fs.writeFileString(`${directory}/${file}`, spoilt)
          yield* store.put(key, part, Stream.make(text))
          assert.strictEqual(yield* Stream.mkString(Stream.decodeText(store.get(key))), "one")
        }
      }).pipe(Effect.provide(FilesObjectStore.layer({ directory, signingKey: new Uint8Array(32).fill(1) })))
    }).pipe(Effect.provide(NodeServices.layer)))
})
