/** What the logs of a grid that did not start say, in one line. */

const known: ReadonlyArray<readonly [pattern: RegExp, meaning: (match: RegExpExecArray) => string]> = [
  [/EADDRINUSE[^\n]*?:(\d+)/, (m) => `port ${m[1]} is taken by another program`],
  [/ENOSPC|No space left on device|Check free disk space/i, () => "the disk is full"],
  [/EACCES[^\n]*?'([^'\n]+)'/, (m) => `this user may not write ${m[1]}`],
  [/Cannot find (?:package|module) '([^'\n]+)'/, (m) => `the installation is incomplete: ${m[1]} is missing`],
  [/^.*(?:FATAL|PANIC): +(.+)$/m, (m) => `Postgres did not start: ${m[1]}`],
  [/initdb: error: (.+)/, (m) => `Postgres could not be set up: ${m[1]}`],
  [/error while loading shared libraries: (.+)/, (m) => `Postgres can't run here: ${m[1]}`],
  // What our own programs say of themselves.
  [/^ +Cause: +(.+)$/m, (m) => m[1]!],
  [/"message":\["?([^"\]]+)"?.*"level":"(?:WARN|ERROR|FATAL)"/, (m) => m[1]!]
]

const isNoise = (line: string): boolean => line === "" || /^(?:at |\^|Node\.js v|[{}\]])/.test(line)

/** The likeliest cause in the end of a log; null when it says nothing. */
export const distill = (log: string): string | null => {
  for (const [pattern, meaning] of known) {
    const match = pattern.exec(log)
    if (match !== null) return meaning(match)
  }
  const lines = log.split("\n").map((line) => line.trim()).filter((line) => !isNoise(line))
  return (lines.findLast((line) => /error|fail|refused/i.test(line)) ?? lines.at(-1))?.slice(0, 300) ?? null
}
