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
