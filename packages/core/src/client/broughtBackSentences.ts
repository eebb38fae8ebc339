/** What came back from the grid, in words. */
import { plain } from "../domain/plain.ts"
import { count } from "./amounts.ts"
import type { BroughtBack } from "./bringBack.ts"

/** More names than these are counted, not listed. */
const named = 5

/** Each of the first few, then how many more. */
const listed = <A>(items: ReadonlyArray<A>, line: (item: A) => string, rest: string): ReadonlyArray<string> =>
  items.length <= named
    ? items.map(line)
    : [...items.slice(0, named).map(line), `… and ${count(items.length - named, "more file")} ${rest}`]

/** What did not go as a local run would have: something is here that should not be, or is not. */
export const remarks = (brought: BroughtBack): ReadonlyArray<string> => [
  ...listed(brought.refused, ({ path, reason }) => `Not written: ${plain(path)}: ${plain(reason)}`, "not written"),
  ...brought.beside.map(({ path, writtenTo }) =>
    `${plain(path)} changed here meanwhile; the script's is in ${plain(writtenTo)}`
  ),
  ...listed(brought.skipped, ({ path, reason }) => `Left on the grid: ${plain(path)} (${plain(reason)})`, "left there"),
  ...listed(brought.deleted, (path) => `The script removed ${plain(path)}; it is still here`, "removed there, still here")
]
