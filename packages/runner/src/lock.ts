/**
 * A lock on a file that any death frees: SQLite holds it with the kernel's record locks. A pid in a file lies after a
 * crash, and a socket's path goes stale.
 */
import { createRequire } from "node:module"

export interface Lock {
  readonly release: () => void
}

/** node:sqlite still announces itself as experimental on stderr, where only our JSON lines belong. */
const withoutWarning = <A>(act: () => A): A => {
  const emitWarning = process.emitWarning
  process.emitWarning = () => undefined
  try {
    return act()
  } finally {
    process.emitWarning = emitWarning
  }
}

const loadSqlite = (): typeof import("node:sqlite") =>
  withoutWarning(() => createRequire(import.meta.url)("node:sqlite") as typeof import("node:sqlite"))

const isBusy = (cause: unknown): boolean => cause instanceof Error && /locked|busy/i.test(cause.message)

/** Takes the lock, or answers null when another process has it. Throws when the file can't be used. */
export const take = (path: string): Lock | null => {
  const { DatabaseSync } = loadSqlite()
  const database = new DatabaseSync(path)
  try {
    database.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE")
    return { release: () => database.close() }
  } catch (cause) {
    database.close()
    if (isBusy(cause)) return null
    throw cause
  }
}
