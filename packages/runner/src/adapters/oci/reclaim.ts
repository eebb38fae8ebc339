/** What an earlier life's containers left, whichever runtime had started them. */
import * as Effect from "effect/Effect"
import { readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import type { Ground } from "../docker/Ground.ts"
import * as cgroups from "./cgroups.ts"

/** Where a runtime keeps what it knows of its containers. */
export const rootOf = ({ settings }: Ground, runtime: string): string => join(settings.stateDirectory, "oci", runtime)

const known = (ground: Ground): Effect.Effect<ReadonlyArray<string>> =>
  Effect.promise(async () => {
    const roots = ["crun", "runc"].map((name) => rootOf(ground, name))
    const found = roots.map((root) => readdir(root).then((names) => names.map((name) => join(root, name)), () => []))
    return (await Promise.all(found)).flat()
  })

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

/** Kills them and forgets them. Answers their slots. */
export const reclaim = (ground: Ground): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function*() {
    const { runnerId } = ground.settings
    const isOld = (slot: string): boolean => slot.startsWith("slot-") && !ground.live.has(slot)
    const running = (yield* cgroups.slots(runnerId)).filter(isOld)
    yield* Effect.forEach(running, (slot) => cgroups.remove(runnerId, slot), { concurrency: 4, discard: true })
    const states = (yield* known(ground)).filter((path) => isOld(nameOf(path)))
    yield* Effect.promise(() => Promise.all(states.map((path) => rm(path, { recursive: true, force: true }))))
    return [...new Set([...running, ...states.map(nameOf)])]
  })
