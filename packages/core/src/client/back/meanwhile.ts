/** What stands where a result goes: a person's own changes are never overwritten (FR47). */
import * as Effect from "effect/Effect"
import type { Stats } from "node:fs"
import type { Output } from "../../domain/Execution.ts"
import type { FileContent, Sha256 } from "../../domain/JobSpec.ts"
import { digestFile } from "../digest.ts"
import { besideName, look } from "./files.ts"
import type { Staged } from "./where.ts"

export type Fate =
  /** Nothing stands there, or what the script would have written over. */
  | "free"
  /** The very bytes are there already. */
  | "same"
  /** It changed or appeared here meanwhile. */
  | "beside"
  /** No file. */
  | "blocked"

const addressOf = (path: string): Promise<Sha256 | null> =>
  Effect.runPromise(digestFile(path).pipe(Effect.map(({ sha256 }) => sha256), Effect.orElseSucceed(() => null)))

const isSame = async (path: string, status: Stats, { sha256, size }: FileContent): Promise<boolean> =>
  status.size === size && (await addressOf(path)) === sha256

/** Nobody can set a file's change time, and a new name or new bytes move it. */
const isUnchanged = (status: Stats, since: number): boolean => status.ctimeMs < since

export const fateOf = async (
  path: string,
  output: Output,
  content: FileContent,
  { earlier, since, staged }: {
    readonly since: number
    readonly staged?: Staged
    readonly earlier?: ReadonlyMap<string, Sha256>
  }
): Promise<Fate> => {
  const status = await look(path)
  if (status === null) return "free"
  if (!status.isFile()) return "blocked"
  if (await isSame(path, status, content)) return "same"
  if (isUnchanged(status, since)) return "free"
  const sent = staged?.inputs.get(output.path) ?? earlier?.get(output.path)
  // Touched, or edited and edited back.
  return sent !== undefined && (await addressOf(path)) === sent ? "free" : "beside"
}

/** The result of an earlier call, where it stands beside its path already. */
export const sameBeside = async (path: string, content: FileContent): Promise<string | null> => {
  for (let number = 1;; number++) {
    const beside = besideName(path, number)
    const status = await look(beside)
    if (status === null) return null
    if (status.isFile() && await isSame(beside, status, content)) return beside
  }
}
