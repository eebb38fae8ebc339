/**
 * A message without what differs from item to item: names of files, numbers, times, addresses, what stands in quotes. One
 * sign stands for them all, and for a row of them, so that `x.csv`, `'my x.csv'` and `17` at one place are the same.
 */
import { stripVTControlCharacters } from "node:util"

export const value = "…"

/** Longer messages are data; the same cause begins the same. */
const mostWords = 24

/** What opens stands behind no letter, what closes before none: `can't` and `'it's.csv'` are what they look like. */
const quoted = /(?<![\p{L}\p{N}])(?:(['"`]).*?\1|‘.*?’|“.*?”|«.*?»)(?![\p{L}\p{N}])/gu
/** Its end was cut off. */
const open = /(?<![\p{L}\p{N}])['"`‘“«](?=\S[^'"`‘’“”«»]*$).*$/u

const stamp = /\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?/g
const month = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
const date = new RegExp(
  `(?:\\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?(?:\\b${month} {1,2}\\d{1,2}|\\b\\d{1,2} ${month})\\b`,
  "g"
)
const time = /\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[AP]M\b)?(?: (?:UTC|GMT|CES?T|[ECMP][SD]T)\b)?/g
/** An address, or a path with its drive. */
const located = /\b[a-z][a-z\d+.-]{1,20}:\/\/[^\s'"<>]+|\b[A-Za-z]:[\\/][^\s'"<>]*/gi
const unit = /…\s?(?:[kKMGT]?i?B|bytes?|[mµn]?s|sec(?:onds?)?|min(?:utes?)?|%)(?![\p{L}\p{N}])/gu

/** These numbers are no values: they say what went wrong. */
const code = /\b(?:HTTP|status|code|errno|signal|returned error)\b(?: (?:error|code))?[ :=]{0,3}\d{1,3}$/i
const spoken = /^(?:I\/O|N\/A|and\/or|input\/output|read\/write|TCP\/IP)$/i
/** What an exception is called stands first: `psycopg2.errors.UniqueViolation`. */
const typeName = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*\.[A-Z][a-z]\w+$/
const fileName = /^[^.].*\.(?!Error$)[A-Za-z]\w{0,4}$/
const hex = /^[a-f]{8,}$/i

const isValue = (word: string): boolean =>
  /\d/.test(word) || hex.test(word) || fileName.test(word) || (/[/\\~]/.test(word) && !spoken.test(word))

const separators = /([\s=,;:|()[\]{}<>]+|[.!?]+(?=\s|$))/

const word = (each: string, index: number, all: ReadonlyArray<string>): string => {
  if (each === "" || index % 2 === 1 || !isValue(each)) return each
  if (index === 0 && typeName.test(each) && all[1]?.startsWith(":") === true) return each
  return code.test(all.slice(Math.max(0, index - 4), index + 1).join("")) ? each : value
}

export const withoutValues = (message: string): string => {
  const marked = stripVTControlCharacters(message).replace(quoted, value).replace(open, value)
    .replace(located, value).replace(stamp, value).replace(date, value).replace(time, value)
  const words = marked.split(separators).map(word).join("").replace(unit, value)
    // A row of them is as one, with what it stands in; `1 row` is as `2 rows`.
    .replace(/…[^\p{L}\p{N}]*…/gu, value).replace(/[([{<'"`]*…[)\]}>'"`]*/g, value).replace(/(… (?!does|has|was|is)\p{L}{2,})s\b/gu, "$1")
  return words.trim().split(/\s+/).slice(0, mostWords).join(" ")
}

/** Nothing was said but values. */
export const isWordless = (stripped: string): boolean => !/\p{L}/u.test(stripped)
