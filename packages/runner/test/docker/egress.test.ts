import { assert, describe, it } from "@effect/vitest"
import { chains, type EgressPolicy, jumps, resolversIn } from "../../src/adapters/docker/egress.ts"
import { isReference, withTag } from "../../src/adapters/docker/images.ts"

const policy: EgressPolicy = { bridge: "rg0", chain: "RGRID-0", allowPrivateNetworks: false, resolvers: ["10.0.0.2"] }

describe("the egress rules", () => {
  it("let the resolver answer before they refuse the range it lies in", () => {
    const lines = chains(policy).split("\n")
    assert.isBelow(
      lines.indexOf("-A RGRID-0 -p udp -d 10.0.0.2 --dport 53 -j RETURN"),
      lines.indexOf("-A RGRID-0 -d 10.0.0.0/8 -j REJECT")
    )
    assert.include(lines, "-A RGRID-0-IN -p tcp -d 10.0.0.2 --dport 53 -j RETURN")
  })

  it("refuse metadata addresses under every policy", () => {
    for (const allowPrivateNetworks of [true, false]) {
      assert.include(chains({ ...policy, allowPrivateNetworks }), "-A RGRID-0 -d 169.254.0.0/16 -j REJECT")
    }
  })

  it("leave private ranges and this machine open on one's own grid", () => {
    const open = chains({ ...policy, allowPrivateNetworks: true })
    assert.notInclude(open, "10.0.0.0/8")
    assert.notInclude(open, "-A RGRID-0-IN -j REJECT")
    assert.include(chains(policy), "-A RGRID-0-IN -j REJECT")
  })

  it("are reached from both ways a packet can take", () => {
    assert.deepStrictEqual(jumps(policy).map(([chain]) => chain), ["DOCKER-USER", "INPUT"])
  })

  it("take resolvers from resolv.conf, but for those on the loopback", () => {
    assert.deepStrictEqual(
      resolversIn("search x\nnameserver 10.1.1.1\n nameserver 127.0.0.53\nnameserver fd00::1\n#nameserver 9.9.9.9"),
      ["10.1.1.1"]
    )
  })
})

describe("image names", () => {
  it.each([
    ["python", "python:latest"],
    ["python:3.11-slim", "python:3.11-slim"],
    ["host:5000/a/b", "host:5000/a/b:latest"],
    ["a@sha256:0", "a@sha256:0"]
  ])("%s is pulled as %s", (image, pulled) => {
    assert.strictEqual(withTag(image), pulled)
  })

  it.each(["python", "python:3.11-slim", "ghcr.io/a/b_c:v1", "localhost:5000/x", `a@sha256:${"0".repeat(64)}`])(
    "%s is one",
    (image) => assert.isTrue(isReference(image))
  )

  it.each(["", "NOT/a//name", "../containers/x", "a?b", "a b", "a:", "//host/a", "a/../../b", "-x", "a\nb"])(
    "%j is none",
    (image) => assert.isFalse(isReference(image))
  )
})
