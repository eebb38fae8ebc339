/** What is installed as the job says it, and where the bytes of its files are here. */
import * as Effect from "effect/Effect"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Dependencies } from "../../domain/JobSpec.ts"
import { digestFile } from "../digest.ts"
import { InputRefused } from "../errors.ts"
import type { InstallFile, Wanted } from "./Installing.ts"

/** Texts are not sent as they stand here, so they are written where they stay until they are sent. */
const spool = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "rgrid-install-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

const placed = Effect.fnUntraced(function*(file: InstallFile, directory: string, index: number) {
  if ("here" in file) return file.here
  const here = join(directory, String(index))
  yield* Effect.promise(() => writeFile(here, file.text, { mode: 0o600 }))
  return here
})

/** The scope holds the texts. */
export const addressedDependencies = Effect.fnUntraced(function*({ declared, files, kind, root }: Wanted) {
  const directory = yield* spool
  const addressed = yield* Effect.forEach(files, Effect.fnUntraced(function*(file, index) {
    const here = yield* placed(file, directory, index)
    const content = yield* digestFile(here).pipe(
      Effect.mapError(() => new InputRefused({ path: file.path, reason: "unreadable" }))
    )
    return { here, path: file.path, content }
  }))
  const spec: Dependencies = {
    kind,
    declared,
    files: addressed.map(({ content, path }) => ({ path, content })),
    ...(root === undefined ? {} : { root })
  }
  return { spec, files: addressed }
})
