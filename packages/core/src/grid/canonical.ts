/** What every store computes alike from what it is given. */
import type { OutputManifest } from "../domain/Execution.ts"
import type { Part, Submission } from "../ports/ExecutionStore.ts"
import type { JobSpec } from "../domain/JobSpec.ts"

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== "object" || value === null) return value
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, item]) => [name, sorted(item)]))
}

/**
 * The same text for the same job, in whatever order its fields came: older files, a wider terminal or other labels make no
 * other of it. Labels tell of the commit, and a call that is made again after the next one is still the same.
 */
export const canonicalSpec = (spec: JobSpec): string =>
  JSON.stringify(sorted({
    ...spec,
    surroundings: undefined,
    metadata: undefined,
    files: spec.files.map((file) => ({ ...file, modifiedAt: undefined }))
  }))

/** What a key stands for: a retry of another execution is another job, even where the words are the same. */
export const canonicalJob = ({ retryOf, spec }: Pick<Submission, "spec" | "retryOf">): string =>
  canonicalSpec(spec) + (retryOf === undefined ? "" : `\n${retryOf}`)

export const outputTotals = (manifest: OutputManifest): { readonly files: number; readonly bytes: number } => {
  const files = manifest.outputs.filter(({ type }) => type === "file")
  return { files: files.length, bytes: files.reduce((sum, { content }) => sum + (content?.size ?? 0), 0) }
}

export const partTotals = (parts: ReadonlyArray<Part>): { readonly parts: number; readonly bytes: number } => ({
  parts: parts.length,
  bytes: parts.reduce((sum, { size }) => sum + size, 0)
})

/** So many earlier runs tell how long a script usually takes. */
export const earlierRuns = 20

/** A pair of metadata as one text that any store can hold and no other pair has. */
export const metadataPair = (key: string, value: string): string => JSON.stringify([key, value])

/** Names of what a job's environment holds, secrets too; never values. */
export const environmentNames = (spec: JobSpec): ReadonlyArray<string> =>
  [...new Set([...Object.keys(spec.env), ...Object.keys(spec.secrets)])].sort()
