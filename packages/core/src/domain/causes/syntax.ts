/** A script that its interpreter can't read. */
import type { Cause } from "./Cause.ts"
import { lastMatch, line, type Words } from "./words.ts"

const bash = /^(.{1,500}?): line (\d{1,9}): ((?:syntax error|unexpected EOF while looking).{0,500})$/
const dash = /^(.{1,500}?): (\d{1,9}): (Syntax error: .{0,500})$/

export const syntax = (words: Words): Cause | null => {
  const { thrown } = words
  if (thrown !== null) {
    if (!/^(?:Syntax|Indentation|Tab)Error$/.test(thrown.type)) return null
    const { file, message, root } = thrown
    return { _tag: "SyntaxInvalid", root: line(root), file: file && line(file), line: thrown.line, message: line(message) }
  }
  const match = lastMatch(words, bash) ?? lastMatch(words, dash)
  if (match === null) return null
  const [root, file, number, message] = match
  return { _tag: "SyntaxInvalid", root: line(root), file: line(file!), line: Number(number), message: line(message!) }
}
