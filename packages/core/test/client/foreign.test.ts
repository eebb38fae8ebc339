import { assert, it } from "@effect/vitest"
import { encodeToReader, isForeign } from "rgrid/api/LogStreamProtocol"

it("a word that a newer server may say is passed over; nonsense is not", () => {
  assert.isTrue(isForeign(`{"_tag":"Weather","degrees":20}`))
  assert.isFalse(isForeign(encodeToReader({ _tag: "Attempt", attempt: 1 })))
  const progress = { phase: "pulling" as const, image: "a:1", doneBytes: 1, totalBytes: 2 }
  assert.isFalse(isForeign(encodeToReader({ _tag: "Progress", attempt: 1, progress })))
  assert.isFalse(isForeign("nonsense"))
  assert.isFalse(isForeign(`{"tag":"Attempt"}`))
})
