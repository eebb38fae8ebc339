/** Who this runner is: an id for life, kept in the state directory, and an incarnation for each start. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { readFile, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type Incarnation, incarnation, RunnerId, runnerId } from "rgrid/domain/Id"
import { StateDirectoryUnusable } from "./failures.ts"

export interface Identity {
  readonly runner: RunnerId
  readonly incarnation: Incarnation
}

const isRunnerId = Schema.is(RunnerId)

const kept = async (path: string): Promise<RunnerId | null> => {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return ""
    throw cause
  })
  const id = text.trim()
  return isRunnerId(id) ? id : null
}

const keep = async (path: string, id: RunnerId): Promise<void> => {
  await writeFile(`${path}.new`, `${id}\n`, { mode: 0o600, flush: true })
  await rename(`${path}.new`, path)
}

/** The id in `directory`, made on the first start. */
export const load = Effect.fnUntraced(function*(directory: string) {
  const path = join(directory, "runner")
  const attempt = <A>(act: () => Promise<A>) =>
    Effect.tryPromise({
      try: act,
      catch: (cause) => new StateDirectoryUnusable({ directory, detail: String(cause) })
    })
  const now = yield* Clock.currentTimeMillis
  const known = yield* attempt(() => kept(path))
  const runner = known ?? runnerId(now)
  if (known === null) yield* attempt(() => keep(path, runner))
  return { runner, incarnation: incarnation(now) } satisfies Identity
})
