/** What the script may not read, write or start. */
import type { Cause } from "./Cause.ts"
import { lastMatch, line, type Words } from "./words.ts"

type Reason = Extract<Cause, { readonly _tag: "PermissionDenied" }>["reason"]

const python = /\[Errno (1|13|30)\] .{1,100}?(?:: ['"](.{1,1000}?)['"])?$/
const node = /^(EACCES|EPERM|EROFS): .{1,100}?, \w+(?: '(.{1,1000}?)')?/
const shell = /^.{1,500}?: (?:cannot .{1,100}? )?['"‘]?([^:'"‘’]{1,1000})['"’]?: (Permission denied|Read-only file system)$/

const ofThrown = (thrown: NonNullable<Words["thrown"]>): Cause | null => {
  const match = (thrown.language === "python" ? python : node).exec(thrown.message)
  if (match === null) return null
  const reason = match[1] === "30" || match[1] === "EROFS" ? "readOnly" : "denied"
  return { _tag: "PermissionDenied", root: line(thrown.root), path: match[2] === undefined ? null : line(match[2]), reason }
}

export const permission = (words: Words): Cause | null => {
  if (words.thrown !== null) return ofThrown(words.thrown)
  const match = lastMatch(words, shell)
  if (match === null) return null
  // 126: found, but not to be started.
  const reason: Reason = match[2] === "Read-only file system"
    ? "readOnly"
    : words.about.exitCode === 126
    ? "notExecutable"
    : "denied"
  return { _tag: "PermissionDenied", root: line(match[0]), path: line(match[1]!), reason }
}
