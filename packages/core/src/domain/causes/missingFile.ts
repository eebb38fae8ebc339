/** A file or directory that the script looked for and that is not there. */
import type { Cause } from "./Cause.ts"
import { nearestFile } from "./nearestFile.ts"
import { lastMatch, line, type Words } from "./words.ts"

const python = /\[Errno 2\] .{1,100}: ['"](.{1,1000}?)['"](?: -> .*)?$/
const node = /^ENOENT: .{1,100}, \w+ '(.{1,1000}?)'(?: -> .*)?$/
/** `cat: x.csv: No such file or directory`, `run.sh: line 3: x.csv: …`, `ls: cannot access 'x.csv': …` */
const shell = /^(?:.{1,500}?: )(?:cannot (?:access|open|stat) )?['"‘]?([^:'"‘’]{1,1000})['"’]?: No such file or directory$/
const interpreter = /can't open file '(.{1,1000})': \[Errno 2\]/

export const missingFile = (words: Words): Cause | null => {
  const { about, thrown } = words
  const match = thrown === null
    ? lastMatch(words, shell) ?? lastMatch(words, interpreter)
    : (thrown.language === "python" ? python : node).exec(thrown.message)
  if (match === null) return null
  const path = match[1]!
  const root = thrown === null ? match[0] : thrown.root
  return { _tag: "FileMissing", root: line(root), path: line(path), nearest: nearestFile(path, about.files) }
}
