/** What an item's outcome depends on, kind by kind: two items with equal texts of all kinds do the same. */
import type { BatchItem, ContentKind } from "../domain/Batch.ts"
import type { InputFile, JobSpec } from "../domain/JobSpec.ts"

/** Kinds that are an item's own; its batch has the others for all of them. */
export type OwnKind = "inputs" | "args"
export type SharedKind = Exclude<ContentKind, OwnKind>

const addresses = (files: ReadonlyArray<InputFile>): string =>
  JSON.stringify(files.map(({ content, mode, path }) => [path, mode, content.sha256]).sort())

/** A path as `files` has it: the script may have been typed with `./` before it. */
const plain = (script: string): string => script.replace(/^(?:\.\/+)+/, "")

const isScript = (job: JobSpec) => ({ path }: InputFile): boolean =>
  path === plain(job.script) || path === job.script || `${job.cwd}/${path}` === job.script

/** The shared texts. Variables are in one of them: they may only be kept as keyed hashes. */
export const sharedContent = (job: JobSpec): Readonly<Record<SharedKind, string>> => ({
  script: addresses(job.files.filter(isScript(job))),
  imports: addresses(job.files.filter((file) => !isScript(job)(file))),
  dependencies: JSON.stringify(
    job.dependencies === undefined
      ? null
      : [job.dependencies.kind, job.dependencies.files.map(({ content, path }) => [path, content.sha256])]
  ),
  env: JSON.stringify([Object.entries(job.env).sort(), Object.entries(job.secrets).sort()]),
  runtime: JSON.stringify([job.runtime, job.interpreter, job.network])
})

export const ownContent = (item: BatchItem): Readonly<Record<OwnKind, string>> => ({
  inputs: addresses(item.files),
  args: JSON.stringify(item.args)
})

/** What makes an item the same in a later batch, whatever its content became. */
export const itemIdentity = (job: JobSpec, item: Pick<BatchItem, "label">): string =>
  JSON.stringify([job.cwd, plain(job.script), item.label])
