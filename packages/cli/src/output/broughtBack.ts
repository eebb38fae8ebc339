/** What came back from the grid, in words. */
import type { BroughtBack } from "rgrid/client/bringBack"
import { count, plain, size } from "./format.ts"

/** More names than these are counted, not listed. */
const named = 5

/** `✓ Downloaded: output.json (1.2 MB), …`; null when nothing was. */
export const broughtBack = ({ written }: BroughtBack): string | null => {
  if (written.length === 0) return null
  const names = written.slice(0, named).map(({ bytes, path }) => `${plain(path)} (${size(bytes)})`)
  const rest = written.length - names.length
  return `✓ Downloaded: ${names.join(", ")}${rest === 0 ? "" : ` and ${count(rest, "more file")}`}`
}

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
