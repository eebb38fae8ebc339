/** Every runtime has a Dockerfile that can be read, is pinned and needs no root. */
import { assert, describe, it } from "@effect/vitest"
import { validate, ValidationSeverity } from "dockerfile-utils"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { runtimes } from "rgrid/runtimes/resolve"

const images = fileURLToPath(new URL("../../../../infra/images", import.meta.url))

const directoryOf = (runtime: string): string => runtime.replace(":", "-")

const lint = (text: string) =>
  validate(text, { deprecatedMaintainer: ValidationSeverity.ERROR }).map(({ message, range }) =>
    `line ${range.start.line + 1}: ${message}`
  )

/** `pip install` and `npm install` words that name a package without its version. */
const unpinned = (text: string): ReadonlyArray<string> => {
  const commands = text.replaceAll("\\\n", " ").split("\n").flatMap((line) => line.split("&&"))
  return commands.flatMap((command) => {
    const [, words] = /\b(?:pip|npm) install (.*)$/.exec(command.trim()) ?? []
    return (words ?? "").split(/\s+/).filter((word) => /^[a-z]/.test(word) && !/[=@]/.test(word))
  })
}

describe("images", () => {
  for (const { image, name } of runtimes) {
    const text = () => readFileSync(`${images}/${directoryOf(name)}/Dockerfile`, "utf8")

    it(`${name}: has a Dockerfile without a fault, pinned, for any user`, () => {
      assert.deepStrictEqual(lint(text()), [])
      for (const [, from] of text().matchAll(/^FROM (\S+)/gm)) assert.match(from!, /^[a-z/.-]+:[\w.-]+$/)
      assert.notMatch(text(), /^FROM \S+:latest/m)
      assert.deepStrictEqual(unpinned(text()), [])
      assert.notMatch(text(), /^(USER|ENTRYPOINT|ADD)\b/m)
    })

    it(`${name}: is what its runtime stands for, or built upon it`, () => {
      const isOurs = image.startsWith("ghcr.io/rgrid/")
      assert.include(text(), isOurs ? `docker build -t ${image} infra/images/${directoryOf(name)}` : `FROM ${image}\n`)
    })
  }

  it("are of known runtimes, all of them", () => {
    const known = [...runtimes.map(({ name }) => directoryOf(name)), "README.md"].sort()
    assert.deepStrictEqual(readdirSync(images).sort(), known)
  })

  it("are told apart from faulty ones", () => {
    assert.notDeepEqual(lint("FRM python:3.11-slim\nRUN\n"), [])
    assert.deepStrictEqual(unpinned("RUN pip install --no-cache-dir \\\n  numpy==1 pandas\n"), ["pandas"])
  })
})
