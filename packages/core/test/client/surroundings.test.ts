import { assert, describe, it } from "@effect/vitest"
import { ofCaller } from "rgrid/client/surroundings"

describe("the caller's surroundings", () => {
  it("are its time zone: TZ, else the system's", () => {
    assert.strictEqual(ofCaller({}, "Europe/Berlin").timeZone, "Europe/Berlin")
    assert.strictEqual(ofCaller({ TZ: "Asia/Tokyo" }, "Europe/Berlin").timeZone, "Asia/Tokyo")
    assert.strictEqual(ofCaller({ TZ: "CET-1CEST" }, "Europe/Berlin").timeZone, "CET-1CEST")
    assert.strictEqual(ofCaller({ TZ: ":/etc/localtime" }, "Europe/Berlin").timeZone, "Europe/Berlin")
    assert.isUndefined(ofCaller({ TZ: "" }, "Europe/Berlin").timeZone)
    assert.isUndefined(ofCaller({}, "UTC").timeZone)
  })

  it("are its locale, the strongest word first", () => {
    assert.strictEqual(ofCaller({ LANG: "de_DE.UTF-8", LC_ALL: "" }, "UTC").locale, "de_DE.UTF-8")
    assert.strictEqual(ofCaller({ LANG: "de_DE.UTF-8", LC_ALL: "C" }, "UTC").locale, "C")
  })

  it("are the terminal's size, unless variables say another; none without a terminal", () => {
    const terminal = { columns: 120, rows: 40 }
    assert.deepInclude(ofCaller({}, "UTC", terminal), { columns: 120, lines: 40 })
    assert.deepInclude(ofCaller({ COLUMNS: "72" }, "UTC", terminal), { columns: 72, lines: 40 })
    assert.deepStrictEqual(ofCaller({ COLUMNS: "wide", LINES: "0" }, "UTC"), {})
    assert.deepStrictEqual(ofCaller({}, "UTC", { columns: 0, rows: 0 }), {})
  })
})
