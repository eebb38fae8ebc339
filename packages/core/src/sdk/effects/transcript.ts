/** What a script wrote, each stream by itself. */
import type { StreamName } from "../../domain/LogFrame.ts"

const text = (chunks: ReadonlyArray<Uint8Array>): string => Buffer.concat(chunks).toString("utf8")

export const transcript = () => {
  const seen: Readonly<Record<StreamName, Array<Uint8Array>>> = { stdout: [], stderr: [] }
  return {
    add: ({ bytes, stream }: { readonly bytes: Uint8Array; readonly stream: StreamName }): void => {
      seen[stream].push(bytes)
    },
    /** As UTF-8. */
    whole: () => ({ stdout: text(seen.stdout), stderr: text(seen.stderr) })
  }
}
