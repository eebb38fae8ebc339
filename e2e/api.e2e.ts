/** The public interface is what its report says, small and documented. */
import { readFileSync } from "node:fs"
import { beforeAll, describe, expect, it } from "vitest"
import { entriesOf, type Entry, reportFile, reportOf } from "../scripts/api.ts"

let entries: ReadonlyArray<Entry>
beforeAll(async () => {
  entries = await entriesOf()
})

const textOf = (name: string): string => entries.find((entry) => entry.name === name)!.text

describe("the public interface", () => {
  it("is as reported: npm run api writes it down anew", () => {
    expect(reportOf(entries)).toBe(readFileSync(reportFile, "utf8"))
  })

  it("of rgrid has at most 40 names, and nothing of Effect in it", () => {
    const { names, text } = entries[0]!
    expect(names).toContain("batch")
    expect(names.length).toBeLessThanOrEqual(40)
    expect(text).not.toMatch(/effect|Schema\./i)
  })

  it("says of each word what it does", () => {
    const undocumented = /(?<!\*\/\n)^declare (?:const|function|class) (\w+)/gm
    // The second shape of an overloaded function is told with the first.
    const names = [...textOf("rgrid").matchAll(undocumented)].map(([, name]) => name)
    expect(names.filter((name) => !["batch", "run", "submit"].includes(name!))).toEqual([])
  })

  it("says of each option and of each result what it means, in which unit, and what it is by default", () => {
    // What is called by its kind needs no more words.
    const plain = ["id", "item", "path", "bytes", "type", "name", "script", "args", "count", "from", "to"]
    const interfaces = [...textOf("rgrid").matchAll(/^interface (\w+)[^{]*\{\n(.*?)^\}/gms)]
    expect(interfaces.length).toBeGreaterThan(20)
    const untold = interfaces.flatMap(([, name, body]) => {
      const lines = body!.split("\n")
      return lines.flatMap((line, index) => {
        const [, property = ""] = /^ {2}(?:readonly )?(\w+)\??[:(]/.exec(line) ?? []
        const isTold = property === "" || plain.includes(property) || lines[index - 1]?.trim().endsWith("*/") === true
        return isTold ? [] : [`${name}.${property}`]
      })
    })
    expect(untold).toEqual([])
  })
})
