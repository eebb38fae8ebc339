/** Giving files of the runner's to the script's user. */
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { lchownSync, lstatSync, readdirSync } from "node:fs"
import { promisify } from "node:util"

const execute = promisify(execFile)

/** So many take this thread half a millisecond; the program that does it without end takes four to start. */
const few = 256

export interface Ownership<E> {
  readonly directories: ReadonlyArray<string>
  readonly uid: number
  readonly gid: number
  readonly onError: (cause: unknown) => E
}

/** False when there were more than a few. */
const ownFew = ({ directories, gid, uid }: Omit<Ownership<never>, "onError">): boolean => {
  const waiting = directories.map((path) => Buffer.from(path))
  let left = few
  const give = (path: Buffer): void => {
    if (lstatSync(path).uid !== uid) lchownSync(path, uid, gid)
  }
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    give(path)
    for (const entry of readdirSync(path, { withFileTypes: true, encoding: "buffer" })) {
      if (--left < 0) return false
      const child = Buffer.concat([path, Buffer.from("/"), entry.name])
      if (entry.isDirectory()) waiting.push(child)
      else give(child)
    }
  }
  return true
}

/**
 * Gives everything in the directories that is the runner's to the user, following no link. What is the user's already may
 * be shown by an overlay, which would copy it. Nothing to do for a runner that is not root.
 */
export const own = <E>(ownership: Ownership<E>): Effect.Effect<void, E> =>
  Effect.tryPromise({
    try: async () => {
      if (process.getuid?.() !== 0 || ownFew(ownership)) return
      const { directories, gid, uid } = ownership
      // Not `chown --from`, which only GNU's has.
      const rest = ["-user", `${process.getuid()}`, "-exec", "chown", "-h", `${uid}:${gid}`, "{}", "+"]
      await execute("find", [...directories, ...rest])
    },
    catch: ownership.onError
  })
