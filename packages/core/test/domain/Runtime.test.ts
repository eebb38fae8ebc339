import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { imageOf, resolve } from "rgrid/domain/Runtime"

const resolved = (script: string, firstLine = "", asked?: string) => Result.getOrThrow(resolve(script, firstLine, asked))

describe("runtimes", () => {
  it("are told by the script's ending", () => {
    assert.deepInclude(resolved("a/process.py"), { name: "python:3.11", image: "python:3.11-slim" })
    assert.deepInclude(resolved("job.mjs"), { name: "node:24" })
    assert.deepInclude(resolved("job.SH"), { name: "bash" })
  })

  it("are told by the first line where the ending says nothing", () => {
    assert.strictEqual(resolved("job", "#!/usr/bin/env -S python3.12 -u").name, "python:3.11")
    assert.strictEqual(resolved("job.v2", "#!/bin/sh").name, "bash")
  })

  it("may be any image, and the interpreter still follows the script", () => {
    assert.deepEqual(resolved("a.py", "", "docker.io/acme/tool:1"), {
      name: "docker.io/acme/tool:1",
      image: "docker.io/acme/tool:1",
      interpreter: ["python3"]
    })
    assert.strictEqual(resolved("a.py", "", "debian:bookworm").image, "debian:bookworm")
    assert.strictEqual(resolved("a.py", "", "python:3.12-slim").image, "python:3.12-slim")
  })

  it("are refused when a name means nothing", () => {
    assert.deepInclude(Result.getOrThrow(Result.flip(resolve("a.py", "", "pyhton"))), { _tag: "Unknown" })
    assert.deepInclude(Result.getOrThrow(Result.flip(resolve("a.py", "", "python:9.9"))), { _tag: "Unknown" })
    assert.deepInclude(Result.getOrThrow(Result.flip(resolve("a.py", "", "pyhton:3"))), { _tag: "Unknown" })
    assert.deepInclude(Result.getOrThrow(Result.flip(resolve("data", "", undefined))), { _tag: "Undetected" })
  })

  it("stand for images", () => assert.strictEqual(imageOf("python:3.11"), "python:3.11-slim"))
})
