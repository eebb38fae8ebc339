import { assert, describe, it } from "@effect/vitest"
import { fromEngine, fromPull } from "../../src/adapters/docker/errors.ts"

const coded = (code: string): Error => Object.assign(new Error(`connect ${code}`), { code })
const status = (statusCode: number, message: string): Error => Object.assign(new Error(message), { statusCode })

describe("the engine's errors", () => {
  const map = fromEngine("/run/docker.sock", "/state")

  it("say what to do when the engine is absent or refuses", () => {
    assert.match(map(coded("ENOENT")).message, /SandboxUnavailable.*No Docker engine answers.*Start Docker/)
    assert.match(map(coded("EACCES")).message, /SandboxUnavailable.*may not use.*Add the user to the group/)
  })

  it("tell a full disk from everything else", () => {
    assert.strictEqual(map(status(500, "write /x: no space left on device")).reason._tag, "DiskFull")
    assert.strictEqual(map(coded("ENOSPC")).reason._tag, "DiskFull")
    assert.strictEqual(map(status(500, "boom")).reason._tag, "SandboxUnavailable")
  })

  it("call an image that can be had from nowhere missing", () => {
    const pull = fromPull("x", "/state")
    assert.strictEqual(pull(status(404, "manifest unknown")).reason._tag, "ImageNotFound")
    assert.strictEqual(pull(status(404, "pull access denied for x")).reason._tag, "ImageNotFound")
    assert.strictEqual(pull(status(400, "invalid reference format")).reason._tag, "ImageNotFound")
    assert.strictEqual(pull(status(500, "dial tcp: lookup r: no such host")).reason._tag, "ImageNotFound")
  })
})
