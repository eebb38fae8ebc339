/** What need not be done again, for people. */
import type { CacheReport, Kept } from "rgrid/api/Caches"
import { count, plain, size } from "./format.ts"
import { fields } from "./table.ts"

export interface Remembered {
  readonly directory: string
  readonly files: number
  readonly bytes: number
}

const keptBy = (kept: Kept | null): string => {
  if (kept === null) return "it has not said"
  const parts = `${count(kept.parts, "part")}, ${size(kept.bytes)} of ${size(kept.limitBytes)}`
  return kept.layers === undefined ? parts : `${parts}; ${count(kept.layers.count, "layer")}, ${size(kept.layers.bytes)}`
}

const saved = (bytes: number): string => bytes === 0 ? "" : `; sharing saves ${size(bytes)}`

/** A part is a file, or 64 MiB of a larger one. */
export const summary = ({ bytes, directory, files }: Remembered, { stored, workers }: CacheReport): string =>
  fields([
    ["Remembered here", `hashes of ${count(files, "file")}, ${size(bytes)} in ${plain(directory)}`],
    ["Stored on the grid", `${count(stored.parts, "part")}, ${size(stored.bytes)}${saved(stored.savedBytes)}`],
    ...workers.map(({ kept, name }) => [`Kept by ${plain(name)}`, keptBy(kept)] as const)
  ])
