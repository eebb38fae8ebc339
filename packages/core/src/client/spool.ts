/** A place on disk for what has no file of its own, for as long as somebody may still send it. */
import * as Effect from "effect/Effect"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onDisk } from "./back/files.ts"
import type { NotWritten } from "./errors.ts"

/** A step there. Of its directory a person knows no more than where all of them are. */
export const spooled = <A>(act: () => Promise<A>): Effect.Effect<A, NotWritten> => onDisk(tmpdir(), act)

/** Nobody else can read it; gone with the scope. */
export const spoolDirectory = (prefix: string) =>
  Effect.acquireRelease(
    spooled(() => mkdtemp(join(tmpdir(), prefix))),
    (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
  )
