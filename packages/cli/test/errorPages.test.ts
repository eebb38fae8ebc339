/** The pages about errors and exit codes know every code there is, and none that is not. */
import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as errors from "rgrid/client/errors"
import { Cause } from "rgrid/domain/causes/Cause"
import { Failure } from "rgrid/domain/Failure"
import { exitCodes } from "rgrid/client/exitCodes"
import { isCommandError } from "../src/output/sentences.ts"

const page = (name: string): string => readFileSync(fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url)), "utf8")

const sections = new Map(
  page("errors.md").split(/^### /m).slice(1).map((text) => {
    const [tag, ...rest] = text.split("\n")
    return [tag!, rest.join("\n").split(/^## /m)[0]!] as const
  })
)

const failures = Failure.members.map(({ fields }) => fields._tag.schema.literal)
const causes = Cause.members.map(({ fields }) => fields._tag.schema.literal)
const ofClient = Object.keys(errors)

describe("the page of errors", () => {
  it("has a section for each code and for nothing else", () => {
    const known = [...ofClient, "BadInput", ...failures, ...causes]
    assert.deepStrictEqual([...sections.keys()].toSorted(), known.toSorted())
    for (const tag of [...ofClient, "BadInput"]) assert.isTrue(isCommandError({ _tag: tag }), tag)
  })

  for (const [tag, text] of sections) {
    it(`${tag}: says what it means, why, and what to do`, () => {
      assert.match(text.trim(), /^\S[^]*\.\n\n- Why: \S[^]*\.\n- Do: \S[^]*\.$/)
    })
  }
})

describe("the page of exit codes", () => {
  it("has a row for each", () => {
    const rows = [...page("exit-codes.md").matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code))
    assert.deepStrictEqual(rows, Object.values(exitCodes).toSorted((a, b) => a - b))
  })
})
