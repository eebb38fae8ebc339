/** What the tests of stores of objects are made of. */
import { assert, type Vitest } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { createHash, randomBytes } from "node:crypto"
import { accountId } from "../../domain/Id.ts"
import { Sha256 } from "../../domain/JobSpec.ts"
import type { Part } from "../../ports/ExecutionStore.ts"
import { inputKey, ObjectStore } from "../../ports/ObjectStore.ts"

export interface Options<E> {
  readonly layer: Layer.Layer<ObjectStore, E>
}

export type It = Vitest.MethodsNonLive<ObjectStore>

export const partOf = (bytes: Uint8Array): Part => ({
  sha256: Sha256.make(createHash("sha256").update(bytes).digest("hex")),
  size: bytes.length
})

export const some = (size: number): Uint8Array => new Uint8Array(randomBytes(size))

/** In chunks of odd sizes, an empty one among them. */
export const stream = (bytes: Uint8Array): Stream.Stream<Uint8Array> => {
  const cut = Math.floor(bytes.length / 3) + 1
  return Stream.make(bytes.subarray(0, 1), bytes.subarray(1, 1), bytes.subarray(1, cut), bytes.subarray(cut))
}

const freshKey = (part: Part): string => inputKey(accountId(Date.now()), part.sha256)

export const fresh = (size: number) => {
  const bytes = some(size)
  // So that a store which makes room first and forgets to count is found out: it ends with a zero anyway.
  if (size > 1) bytes[size - 1] = 0
  const part = partOf(bytes)
  return { bytes, part, key: freshKey(part) }
}

/** More than one read takes. */
export const large = 1024 * 1024 + 7

export const stored = Effect.fnUntraced(function*(size: number) {
  const store = yield* ObjectStore
  const object = fresh(size)
  yield* store.put(object.key, object.part, stream(object.bytes))
  return { store, ...object }
})

export const read = (key: string, range?: { readonly offset: number; readonly limit: number }) =>
  ObjectStore.use((store) => Effect.map(Stream.runCollect(store.get(key, range)), (chunks) => Buffer.concat(chunks)))

/** Not `deepStrictEqual`: it takes seconds to tell where a megabyte differs. */
export const same = (actual: Uint8Array, expected: Uint8Array, what: string): void =>
  assert.isTrue(Buffer.compare(actual, expected) === 0, what)

export const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), ({ _tag }) => _tag)

export const absent = Effect.fnUntraced(function*(key: string) {
  const store = yield* ObjectStore
  assert.strictEqual(yield* tagOf(store.size(key)), "ObjectMissing")
  const error = yield* Effect.flip(read(key))
  assert.deepStrictEqual([error._tag, "key" in error && error.key], ["ObjectMissing", key])
})
