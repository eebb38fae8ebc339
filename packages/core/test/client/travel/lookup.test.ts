import { assert, describe, it } from "@effect/vitest"
import { chmodSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { makeLookup } from "rgrid/client/travel/lookup"
import { project } from "./project.ts"

describe("what is at a path", () => {
  it("is told as the disk tells it, through links too", async () => {
    const cwd = project({ "data/a.csv": "abc", "data/Ü.csv": "" })
    symlinkSync("a.csv", join(cwd, "data/link.csv"))
    symlinkSync("nowhere", join(cwd, "data/dangling"))
    const { status } = makeLookup()
    assert.strictEqual((await status(join(cwd, "data/a.csv")))?.size, 3)
    assert.isTrue((await status(join(cwd, "data/link.csv")))?.isFile())
    assert.isTrue((await status(join(cwd, "data")))?.isDirectory())
    assert.isTrue((await status(join(cwd, "data/Ü.csv")))?.isFile())
    assert.isTrue((await status("/"))?.isDirectory())
    for (const name of ["data/b.csv", "data/dangling", "data/a.csv/x", "no/such/place"]) {
      assert.isNull(await status(join(cwd, name)), name)
    }
  })

  it("may be there by its name in another case, and not by none", async () => {
    const cwd = project({ "data/a.csv": "" })
    const { may } = makeLookup()
    assert.isTrue(await may(join(cwd, "data/A.csv")))
    assert.isFalse(await may(join(cwd, "data/b.csv")))
    assert.isFalse(await may(join(cwd, "data/a.csv/x")))
    assert.isFalse(await may(join(cwd, "https:/example.com/a.csv")))
  })

  it("is looked at though its directory may not be listed", async () => {
    const cwd = project({ "closed/a.csv": "" })
    chmodSync(join(cwd, "closed"), 0o311)
    const { status } = makeLookup()
    const found = await status(join(cwd, "closed/a.csv"))
    chmodSync(join(cwd, "closed"), 0o755)
    assert.isTrue(found?.isFile())
  })

  it("is asked once", async () => {
    const cwd = project({ "a.csv": "" })
    const { know, status } = makeLookup()
    const [first, absent] = [await status(join(cwd, "a.csv")), await status(join(cwd, "b.csv"))]
    writeFileSync(join(cwd, "a.csv"), "longer")
    writeFileSync(join(cwd, "b.csv"), "new")
    assert.isNull(absent)
    assert.strictEqual(await status(join(cwd, "a.csv")), first)
    assert.isNull(await status(join(cwd, "b.csv")))
    const known = statSync(cwd)
    know(join(cwd, "b.csv"), known)
    assert.strictEqual(await status(join(cwd, "b.csv")), known)
  })
})
