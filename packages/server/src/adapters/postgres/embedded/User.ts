/** Under whom Postgres runs: it refuses root. */
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { EmbeddedPostgresError } from "./EmbeddedPostgresError.ts"

export interface User {
  readonly uid: number
  readonly gid: number
}

/** What `spawn` is to be told: nothing, unless we are root. */
export const spawnAs = (user: User): Partial<User> => (process.getuid?.() === 0 ? { uid: user.uid, gid: user.gid } : {})

const idOf = (flag: "-u" | "-g", name: string): Promise<number> =>
  new Promise((resolve, reject) =>
    execFile("id", [flag, name], (error, stdout) => (error === null ? resolve(Number(stdout)) : reject(error))))

const named = (name: string): Effect.Effect<User, unknown> =>
  Effect.tryPromise(async () => ({ uid: await idOf("-u", name), gid: await idOf("-g", name) }))

/** Ourselves; as root `postgres`, or `nobody` where no Postgres was ever installed. */
export const unprivileged: Effect.Effect<User, EmbeddedPostgresError> = Effect.suspend(() => {
  const uid = process.getuid?.() ?? 0
  if (uid !== 0) return Effect.succeed({ uid, gid: process.getgid?.() ?? uid })
  return named("postgres").pipe(
    Effect.catch(() => named("nobody")),
    Effect.mapError(() =>
      new EmbeddedPostgresError({
        phase: "user",
        detail: "started as root, which Postgres refuses, and there is neither a user `postgres` nor `nobody`"
      })
    )
  )
})
