/** The control groups of a runner's slots: one directory a slot in each hierarchy, under one of the runner's own. */
import * as Effect from "effect/Effect"
import { readdir, readFile, rmdir } from "node:fs/promises"
import { join } from "node:path"

const ours = "rgrid"

/** Beneath each hierarchy's root. */
export const runnersGroup = (runnerId: string): string => `/${ours}/${runnerId}`

/** Mount points of every hierarchy, v1 and v2: the fifth field; the type follows a lone dash. */
export const hierarchiesIn = (mountinfo: string): ReadonlyArray<string> =>
  mountinfo.split("\n").flatMap((line) => / - cgroup2? /.test(line) ? [line.split(" ")[4] ?? ""] : [])

const hierarchies = (): Promise<ReadonlyArray<string>> =>
  readFile("/proc/self/mountinfo", "utf8").then(hierarchiesIn, () => [])

const children = (path: string): Promise<ReadonlyArray<string>> =>
  readdir(path, { withFileTypes: true }).then(
    (entries) => entries.filter((entry) => entry.isDirectory()).map(({ name }) => name),
    () => []
  )

const killAll = async (group: string): Promise<void> => {
  const text = await readFile(join(group, "cgroup.procs"), "utf8").catch(() => "")
  for (const pid of text.split("\n").filter((line) => line !== "")) {
    try {
      process.kill(Number(pid), "SIGKILL")
    } catch {
      // It is dead already.
    }
  }
}

/** Its processes take a moment to be gone. */
const removeGroup = async (group: string): Promise<void> => {
  for (let tries = 0; tries < 100; tries++) {
    await killAll(group)
    const done = await rmdir(group).then(() => true, (cause: NodeJS.ErrnoException) => cause.code === "ENOENT")
    if (done) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Ids of the slots that have a group. */
export const slots = (runnerId: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.promise(async () => {
    const found = (await hierarchies()).map((root) => children(join(root, runnersGroup(runnerId))))
    return [...new Set((await Promise.all(found)).flat())]
  })

/** Kills what is in a slot's groups and removes them. */
export const remove = (runnerId: string, slot: string): Effect.Effect<void> =>
  Effect.promise(async () => {
    const roots = await hierarchies()
    await Promise.all(roots.map((root) => removeGroup(join(root, runnersGroup(runnerId), slot))))
  })

/** Removes the runner's own group, empty by now; and the one above if no other runner has one. */
export const removeRunners = (runnerId: string): Effect.Effect<void> =>
  Effect.promise(async () => {
    for (const root of await hierarchies()) {
      await rmdir(join(root, runnersGroup(runnerId))).catch(() => undefined)
      await rmdir(join(root, ours)).catch(() => undefined)
    }
  })
