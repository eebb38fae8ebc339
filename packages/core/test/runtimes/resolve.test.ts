import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { environment, imageOf, resolve } from "rgrid/runtimes/resolve"

const resolved = (path: string, firstLine = "", asked?: string) => {
  const { interpreter, name } = Result.getOrThrow(resolve({ path, firstLine }, asked))
  return { name, interpreter }
}

const refused = (path: string, asked?: string) => Result.getOrThrow(Result.flip(resolve({ path, firstLine: "" }, asked)))

describe("a script's runtime", () => {
  it("is told by its ending", () => {
    assert.deepStrictEqual(resolved("a/process.py"), { name: "python:3.11", interpreter: ["python3"] })
    assert.strictEqual(resolved("job.mjs").name, "node:24")
    assert.strictEqual(resolved("job.SH").name, "bash")
    assert.deepStrictEqual(resolved("job.rb"), { name: "ruby:3.3", interpreter: ["ruby"] })
  })

  it("is told by its first line where the ending says nothing", () => {
    assert.strictEqual(resolved("job", "#!/usr/bin/env python3").name, "python:3.11")
    assert.strictEqual(resolved("job.v2", "#!/bin/sh").name, "bash")
    assert.strictEqual(resolved("job", "#!/usr/bin/env ruby").name, "ruby:3.3")
  })

  it("does not take its flags from that line, as `python3 job` and `node job` don't", () => {
    assert.deepStrictEqual(resolved("job", "#!/usr/bin/env -S python3.12 -u").interpreter, ["python3"])
    assert.deepStrictEqual(resolved("job.py", "#!/usr/bin/python3 -u").interpreter, ["python3"])
    assert.deepStrictEqual(resolved("job", "#!/usr/bin/env -S node --no-deprecation").interpreter, ["node"])
  })

  it("is what its first line names, as the kernel reads it, where no language claims it", () => {
    assert.deepStrictEqual(resolved("sum.awk", "#!/usr/bin/awk -f"), {
      name: "bash",
      interpreter: ["/usr/bin/awk", "-f"]
    })
    assert.deepStrictEqual(resolved("job", "#! /usr/bin/env -S perl -w ").interpreter, ["/usr/bin/env", "-S perl -w"])
    assert.deepStrictEqual(resolved("job.pl", "#!/usr/bin/perl", "docker.io/library/perl:5"), {
      name: "docker.io/library/perl:5",
      interpreter: ["/usr/bin/perl"]
    })
    assert.deepStrictEqual(resolved("tool", "\u007fELF", "docker.io/acme/tool:1").interpreter, [])
  })

  it("may be any image, and the interpreter still follows the script", () => {
    assert.deepStrictEqual(resolved("a.py", "", "docker.io/acme/tool:1"), {
      name: "docker.io/acme/tool:1",
      interpreter: ["python3"]
    })
    assert.strictEqual(resolved("a.py", "", "debian:bookworm").name, "debian:bookworm")
    assert.strictEqual(resolved("a.py", "", "python:3.12-alpine").name, "python:3.12-alpine")
    assert.strictEqual(resolved("a.py", "", "python:3.12-slim").name, "python:3.12")
    assert.strictEqual(resolved("cut.py", "", "ffmpeg:latest").name, "ffmpeg:latest")
    assert.deepStrictEqual(resolved("job", "", "python:3.12").interpreter, ["python3"])
  })

  it("strips a TypeScript's types itself, where it can", () => {
    assert.deepStrictEqual(resolved("a.ts"), { name: "node:24", interpreter: ["node"] })
    assert.include(resolved("a.mts", "", "node:22").interpreter, "--experimental-strip-types")
    assert.deepStrictEqual(resolved("a.js", "", "node:22").interpreter, ["node"])
    assert.deepStrictEqual(refused("a.TS", "node:20"), {
      _tag: "Unsuitable",
      runtime: "node:20",
      instead: "node:24"
    })
  })

  it("is refused when its name means nothing, with what was probably meant", () => {
    for (
      const [asked, meant] of [
        ["pyhton", "python:3.11"],
        ["pyhton:3", "python:3.11"],
        ["python", "python:3.11"],
        ["python:9.9", "python:3.11"],
        ["python:3.31", "python:3.11"],
        ["node:42", "node:22"],
        ["node:2", "node:24"],
        ["python:3.11-datascienec", null],
        ["rubby:3.3", "ruby:3.3"],
        ["bsh", "bash"],
        ["fortran", null]
      ] as const
    ) {
      const got = resolve({ path: "a.py", firstLine: "" }, asked)
      // A tag with a variant is an image's.
      if (asked.includes("-")) assert.isTrue(Result.isSuccess(got))
      else assert.deepInclude(refused("a.py", asked), { _tag: "Unknown", nearest: meant }, asked)
    }
    assert.deepStrictEqual(refused("data"), { _tag: "Undetected" })
  })

  it("tells the likeliest names first", () => {
    const got = refused("a.py", "node:42")
    assert.deepStrictEqual(got._tag === "Unknown" ? got.known.slice(0, 3).sort() : [], ["node:20", "node:22", "node:24"])
  })
})

describe("runtimes", () => {
  it("stand for images", () => {
    assert.strictEqual(imageOf("python:3.11"), "python:3.11-slim")
    assert.strictEqual(imageOf("docker.io/acme/tool:1"), "docker.io/acme/tool:1")
  })

  it("give every script what any language needs", () => assert.strictEqual(environment["PYTHONUNBUFFERED"], "1"))
})
