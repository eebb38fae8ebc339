/** Parts handed over as files on the grid's own disk: taken only when they are what the link is for. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"
import { createHash, randomBytes } from "node:crypto"
import { open, readdir, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { handOver, incoming } from "rgrid/api/handing"
import { linkedFile, objectFile } from "rgrid/api/objectFile"
import { accountId } from "rgrid/domain/Id"
import { Sha256 } from "rgrid/domain/JobSpec"
import { inputKey, ObjectStore } from "rgrid/ports/ObjectStore"
import * as FilesObjectStore from "../../src/adapters/files/FilesObjectStore.ts"
import { SignedObjects } from "../../src/adapters/files/signing.ts"

const size = 3 * 1024 * 1024 + 7

const partOf = (bytes: Uint8Array) => ({
  sha256: Sha256.make(createHash("sha256").update(bytes).digest("hex")),
  size: bytes.length
})

const make = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const root = yield* fs.makeTempDirectoryScoped({ prefix: "rgrid-handed-" })
  const directory = join(root, "objects")
  const bytes = randomBytes(size)
  const source = join(root, "source")
  yield* Effect.promise(() => writeFile(source, Buffer.concat([Buffer.alloc(5), bytes, Buffer.alloc(5)])))
  const part = partOf(bytes)
  return { root, directory, bytes, source, part, key: inputKey(accountId(1), part.sha256) }
})

type Made = Effect.Success<typeof make>

const withStore = <A, E>(use: (made: Made) => Effect.Effect<A, E, ObjectStore | SignedObjects>) =>
  Effect.flatMap(make, (made) =>
    use(made).pipe(
      Effect.provide(FilesObjectStore.layer({ directory: made.directory, signingKey: new Uint8Array(32).fill(1) }))
    )).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const given = ({ directory, source }: Made, piece: { readonly offset: number; readonly size: number }) =>
  Effect.promise(async () => {
    const file = await open(source)
    return handOver(directory, file, piece).finally(() => file.close())
  })

const leftIn = ({ directory }: Made) => Effect.promise(() => readdir(join(directory, incoming)))

const nameless = "0".repeat(32)

const refused = Effect.fnUntraced(function*(made: Made, name: string) {
  yield* Effect.flip(SignedObjects.use((objects) => objects.take(made.key, made.part, name)))
  const missing = yield* Effect.flip(ObjectStore.use((objects) => objects.size(made.key)))
  assert.strictEqual(missing._tag, "ObjectMissing")
  assert.deepStrictEqual(yield* leftIn(made), [])
})

describe("a part handed over", () => {
  it.live("is an object from then on, with nothing left beside it", () =>
    withStore(Effect.fnUntraced(function*(made) {
      const handed = yield* given(made, { offset: 5, size })
      yield* SignedObjects.use((objects) => objects.take(made.key, made.part, handed!.name))
      yield* Effect.promise(() => handed!.remove())
      const chunks = yield* ObjectStore.use((objects) => Stream.runCollect(objects.get(made.key)))
      assert.isTrue(Buffer.compare(Buffer.concat([...chunks]), made.bytes) === 0)
      assert.deepStrictEqual(yield* leftIn(made), [])
    })))

  it.live("is refused when it is another, shorter, longer, no file or not there", () =>
    withStore(Effect.fnUntraced(function*(made) {
      for (const piece of [{ offset: 4, size }, { offset: 5, size: size - 1 }, { offset: 5, size: size + 1 }]) {
        yield* refused(made, (yield* given(made, piece))!.name)
      }
      const place = join(made.directory, incoming, nameless)
      yield* Effect.promise(() => symlink(made.source, place))
      yield* refused(made, nameless)
      yield* refused(made, nameless)
    })))

  it.live("is nothing where the giver's file ends too early, or there is no such directory", () =>
    withStore(Effect.fnUntraced(function*(made) {
      assert.isNull(yield* given(made, { offset: 100, size }))
      assert.isNull(yield* given({ ...made, directory: join(made.root, "none") }, { offset: 5, size }))
      assert.deepStrictEqual(yield* leftIn(made), [])
    })))
})

describe("the file behind a link", () => {
  const sha256 = partOf(Buffer.from("x")).sha256
  const key = `inputs/acct_1/${sha256}`

  it("is below the directory of objects", () => {
    assert.strictEqual(linkedFile("/objects", `/objects/${key}?sig=1`, sha256), objectFile("/objects", key))
  })

  for (const url of [
    `/objects/${key}`,
    `http://elsewhere/objects/${key}?sig=1`,
    `/objects/inputs/../${sha256}?sig=1`,
    `/objects/inputs//${sha256}?sig=1`,
    `/objects/${sha256}?sig=1`,
    `/objects/inputs/acct_1/${"0".repeat(64)}?sig=1`
  ]) {
    it(`is none for ${url.replace(sha256, "HASH")}`, () => assert.isNull(linkedFile("/objects", url, sha256)))
  }
})
