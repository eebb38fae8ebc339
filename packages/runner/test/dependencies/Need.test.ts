import { assert, it } from "@effect/vitest"
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import { accountId } from "rgrid/domain/Id"
import { Need, type NeedParts } from "../../src/dependencies/Need.ts"
import { contentOf } from "../fixtures/jobs.ts"

const file = (path: string, text: string) => ({ path, content: contentOf(text) })

const parts: NeedParts = {
  account: accountId(0),
  dependencies: { kind: "requirements", files: [file("requirements.txt", "-r a.txt\n-r b.txt"), file("a.txt", "a"), file("b.txt", "b")] },
  image: "python:3.11-slim",
  program: "python3",
  runtime: { digest: "sha256:1", arch: "x64" },
  sources: {}
}

const files = (...changed: NeedParts["dependencies"]["files"]) => ({ dependencies: { ...parts.dependencies, files: changed } })
const [declaration, a, b] = parts.dependencies.files

const changes: ReadonlyArray<readonly [string, Partial<NeedParts>]> = [
  ["the account", { account: accountId(1) }],
  ["the kind", { dependencies: { ...parts.dependencies, kind: "pyproject" } }],
  ["the declaration", files(file("requirements.txt", "-r a.txt"), a!, b!)],
  ["an included file", files(declaration!, a!, file("b.txt", "c"))],
  ["a file's path", files(declaration!, a!, file("c.txt", "b"))],
  ["which file is the declaration", files(a!, declaration!, b!)],
  ["the interpreter", { program: "python3.12" }],
  ["the image's content", { runtime: { digest: "sha256:2", arch: "x64" } }],
  ["the processor", { runtime: { digest: "sha256:1", arch: "arm64" } }],
  ["the index", { sources: { packageIndex: "https://pypi.example.com/simple" } }],
  ["the registry", { sources: { npmRegistry: "https://npm.example.com" } }]
]

it("is the same for the same, whatever the image is called and in which order its other files come", () => {
  const same = new Need({ ...parts, ...files(declaration!, b!, a!), image: "python@sha256:1" })
  assert.isTrue(Equal.equals(same, new Need(parts)))
  assert.strictEqual(Hash.hash(same), Hash.hash(new Need(parts)))
})

for (const [what, change] of changes) {
  it(`is another with another: ${what}`, () => {
    assert.isFalse(Equal.equals(new Need({ ...parts, ...change }), new Need(parts)))
  })
}
