/** An interpreter that got no more memory, without being killed for it. */
import type { Cause } from "./Cause.ts"
import { line, type Words } from "./words.ts"

const heap = /^FATAL ERROR: .{0,300}(?:heap out of memory|Allocation failed|invalid table size)/i
const python = /^(?:\w+\.)*_?(?:Array)?MemoryError$/
const node = /^(?:Array buffer allocation failed|Invalid (?:array|typed array) length: .*)$/

const exhausted = ({ about }: Words, language: "python" | "node", root: string): Cause => ({
  _tag: "HeapExhausted",
  root: line(root),
  language,
  limitBytes: about.memoryBytes ?? null
})

export const memory = (words: Words, tail: string): Cause | null => {
  const { thrown } = words
  if (thrown?.language === "python") return python.test(thrown.type) ? exhausted(words, "python", thrown.root) : null
  if (thrown?.language === "node") return node.test(thrown.message) ? exhausted(words, "node", thrown.root) : null
  // A stack of native frames follows it.
  const fatal = tail.split("\n").findLast((each) => heap.test(each))
  return fatal === undefined ? null : exhausted(words, "node", fatal)
}
