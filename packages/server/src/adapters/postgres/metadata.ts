/** What the index on metadata holds of a pair. */
import { createHash } from "node:crypto"
import { metadataPair } from "rgrid/grid/canonical"

export const pairHash = (key: string, value: string): string =>
  createHash("sha256").update(metadataPair(key, value)).digest("hex")

export const pairHashes = (metadata: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Object.entries(metadata).map(([key, value]) => pairHash(key, value))
