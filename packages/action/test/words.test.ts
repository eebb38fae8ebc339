import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { words } from "../src/words.ts"

/** What a shell makes of it. */
const shell = (text: string): ReadonlyArray<string> =>
  execFileSync("sh", ["-c", `for word in ${text}; do printf '%s\\0' "$word"; done`], { encoding: "utf8" }).split("\0").slice(0, -1)

describe("words", () => {
  it.each([
    "in.json --fast",
    "'a b' \"c d\" e\\ f",
    "--name='it is' x=\"a'b\" 'a\"b'",
    "'' \"\" a''b",
    "\"a \\\" b \\\\ c \\n d\"",
    "'a\\b' a\\\\b",
    "  many   blanks\t\ttabs  ",
    "{} '{/.}.jpg' --seed={}"
  ])("are a shell's: %s", (text) => assert.deepStrictEqual(words(text), shell(text)))

  it("are separated by lines too, and expanded by nothing", () =>
    assert.deepStrictEqual(words("a\nb\r\n*.csv $HOME `ls` $(ls) ~"), ["a", "b", "*.csv", "$HOME", "`ls`", "$(ls)", "~"]))

  it.each(["'open", "a \"b", "\"a\\\"", "end\\"])("are none with an open end: %s", (text) => assert.isNull(words(text)))

  it("are none of nothing", () => assert.deepStrictEqual([words(""), words(" \n ")], [[], []]))
})
