import { assert, describe, it } from "@effect/vitest"
import { installerSentence } from "../../src/client/installerSentence.ts"

const of = (tail: string, reason: "refused" | "timeout" = "refused") =>
  installerSentence({ _tag: "DependenciesFailed", declared: "requirements.txt", reason, tail })

const mend = "Try it here, mend requirements.txt, and run again."

/** As the programs say it. */
const cases: ReadonlyArray<readonly [string, string, string, RegExp | string]> = [
  [
    "uv that finds no version",
    "Using Python 3.11.2 environment at: /.rgrid-layer\nerror: No solution found when resolving dependencies:\n  cause: Because there is no version of requests==99 and you require requests==99, we can conclude that your requirements are unsatisfiable.",
    "Because there is no version of requests==99 and you require requests==99, we can conclude that your requirements are unsatisfiable.",
    mend
  ],
  [
    "uv behind a proxy whose authority it does not know",
    "error: Failed to fetch: https://pypi.example.com/simple/idna/\n  cause: invalid peer certificate: UnknownIssuer\nhint: Consider enabling use of system TLS certificates with the `--system-certs` command-line flag",
    "invalid peer certificate: UnknownIssuer",
    /RGRID_CA_BUNDLE/
  ],
  [
    "uv without the Python that is wanted",
    "error: No interpreter found for Python >=3.13 in managed installations or search path\n\nhint: A managed Python download is available for Python >=3.13, but Python downloads are set to 'never'",
    "No interpreter found for Python >=3.13 in managed installations or search path",
    /--runtime/
  ],
  [
    "npm that finds no package",
    "npm error code E404\nnpm error 404 Not Found - GET https://npm.example.com/nothing\nnpm error A complete log of this run can be found in: /.rgrid-layer/.build/cache/_logs/debug-0.log",
    "404 Not Found - GET https://npm.example.com/nothing",
    mend
  ],
  ["npm without a network", "npm error code ENOTFOUND\nnpm error getaddrinfo ENOTFOUND npm.example.com", "getaddrinfo ENOTFOUND npm.example.com", /RGRID_NPM_REGISTRY/],
  ["pip", "ERROR: No matching distribution found for requests==99\n[notice] A new release of pip is available", "No matching distribution found for requests==99", mend],
  ["one that said nothing", "", "", mend]
]

describe("what an installing program said", () => {
  for (const [who, tail, why, fix] of cases) {
    it(`is told of ${who}`, () => {
      const told = of(tail)
      assert.strictEqual(told.why, why)
      if (typeof fix === "string") assert.strictEqual(told.fix, fix)
      else assert.match(told.fix, fix)
    })
  }

  it("is not asked for a cause when it took too long", () => {
    assert.deepStrictEqual(of("tcp connect", "timeout"), { why: "It took longer than 5 minutes.", fix: mend })
  })
})
