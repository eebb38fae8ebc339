/** A program that the script calls and that is not in its image. */
import type { Cause } from "./Cause.ts"
import { lastMatch, line, type Words } from "./words.ts"

const bash = /^(?:.{1,500}?: )(?:line \d{1,9}: )?([^:\s]{1,300}): command not found$/
const dash = /^.{1,500}?: \d{1,9}: ([^:\s]{1,300}): not found$/
const env = /^(?:\/usr\/bin\/)?env: ['"‘]?([^'"‘’:]{1,300})['"’]?: No such file or directory$/

/** Only where a shell says that this ended it: a script may go on after a missing command. */
export const command = (words: Words): Cause | null => {
  if (words.about.exitCode !== 127 || words.thrown !== null) return null
  const match = lastMatch(words, bash) ?? lastMatch(words, dash) ?? lastMatch(words, env)
  return match === null ? null : { _tag: "CommandMissing", root: line(match[0]), command: line(match[1]!) }
}
