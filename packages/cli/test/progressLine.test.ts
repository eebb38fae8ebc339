import { assert, it } from "@effect/vitest"
import { words } from "../src/output/progressLine.ts"

const pulling = { phase: "pulling", image: "ghcr.io/acme/tool:1", doneBytes: 34_000_000, totalBytes: 120_000_000 } as const

it("says how far an image is, as far as it is known", () => {
  assert.strictEqual(words(pulling), "Pulling ghcr.io/acme/tool:1: 34 MB of 120 MB")
  assert.strictEqual(words({ ...pulling, doneBytes: 0, totalBytes: 0 }), "Pulling ghcr.io/acme/tool:1…")
  assert.strictEqual(words({ ...pulling, phase: "starting" }), "Starting…")
  assert.notInclude(words({ ...pulling, image: "\u001b[2Jx" }), "\u001b")
})
