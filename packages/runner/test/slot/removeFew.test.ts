import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { removeFew } from "../../src/slot/removeFew.ts"

const within = (use: (base: string) => void) => (): void => {
  const base = mkdtempSync(join(tmpdir(), "rgrid-few-"))
  try {
    use(base)
  } finally {
    rmSync(base, { recursive: true })
  }
}

const filled = (directory: string, count: number): string => {
  mkdirSync(directory)
  for (let index = 0; index < count; index++) writeFileSync(join(directory, String(index)), "")
  return directory
}

describe("removing what is little", () => {
  it("takes a tree, names that are no text, and a file", within((base) => {
    const directory = filled(join(base, "directory"), 3)
    filled(join(directory, "within"), 251)
    writeFileSync(Buffer.concat([Buffer.from(`${directory}/within/`), Buffer.from([0xff, 0xfe])]), "")
    const file = join(base, "file")
    writeFileSync(file, "one")
    for (const path of [directory, file]) assert.isTrue(removeFew(path))
    assert.deepStrictEqual(readdirSync(base), [])
  }))

  it("leaves a directory whole that holds one more than few", within((base) => {
    const directory = filled(join(base, "directory"), 257)
    assert.isFalse(removeFew(directory))
    assert.lengthOf(readdirSync(directory), 257)
  }))

  it("leaves what is large, all together", within((base) => {
    const directory = filled(join(base, "directory"), 2)
    for (const name of ["0", "1"]) truncateSync(join(directory, name), 40 * 1024 * 1024)
    assert.isFalse(removeFew(directory))
    for (const name of readdirSync(directory)) truncateSync(join(directory, name), 30 * 1024 * 1024)
    assert.isTrue(removeFew(directory))
  }))

  it("follows no link", within((base) => {
    const other = filled(join(base, "other"), 1)
    const directory = filled(join(base, "directory"), 0)
    symlinkSync(other, join(directory, "link"))
    assert.isTrue(removeFew(directory))
    symlinkSync(other, join(base, "link"))
    assert.isTrue(removeFew(join(base, "link")))
    assert.deepStrictEqual(readdirSync(base), ["other"])
    assert.lengthOf(readdirSync(other), 1)
  }))

  it("says so when there is nothing", within((base) => assert.isFalse(removeFew(join(base, "nothing")))))
})
