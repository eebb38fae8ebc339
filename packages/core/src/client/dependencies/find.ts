/** What a script needs installed, told by what stands in it, beside it, or above it. */
import * as Effect from "effect/Effect"
import { basename, dirname, resolve } from "node:path"
import { makeDisk } from "../travel/disk.ts"
import { isWithin, upwards } from "../travel/place.ts"
import { regionsOf } from "../travel/project.ts"
import type { Found } from "../travel/Travelling.ts"
import type { Place } from "./Declared.ts"
import { type Installing, nothing } from "./Installing.ts"
import type { Refusal } from "./local.ts"
import { languageOf } from "./language.ts"

export interface Asked {
  readonly cwd: string
  readonly script: Found
  /** A file, or `none`. */
  readonly requirements?: string | undefined
}

/** The script's own, and all above it up to the working directory when it stands below that. */
const directoriesOf = (cwd: string, script: string): ReadonlyArray<string> => {
  const own = dirname(script)
  return isWithin(cwd, own) ? upwards(own).filter((above) => isWithin(cwd, above)) : [own]
}

const found = Effect.fnUntraced(function*(place: Place, { cwd, script }: Asked): Effect.fn.Return<Installing, Refusal> {
  const source = script.bytes === undefined ? "" : new TextDecoder().decode(script.bytes)
  const language = languageOf(script.here, source)
  if (language === undefined) return nothing
  if (language === "node") {
    const { ofNode } = yield* Effect.promise(() => import("./node.ts"))
    return yield* ofNode(place, dirname(script.here))
  }
  const { ofPython } = yield* Effect.promise(() => import("./python.ts"))
  return yield* ofPython(place, script.here, source, directoriesOf(cwd, script.here))
})

/** The language of the script decides, whatever runtime is chosen; what `requirements` names, decides itself. */
export const findDependencies = Effect.fn("client.dependencies")(
  function*(asked: Asked): Effect.fn.Return<Installing, Refusal> {
    const { cwd, requirements, script } = asked
    if (requirements === "none") return nothing
    const regions = regionsOf(cwd, dirname(script.here))
    const place: Place = { cwd, disk: makeDisk(), regions }
    if (requirements === undefined) return yield* found(place, asked)
    const here = resolve(cwd, requirements)
    const { named } = yield* Effect.promise(() => import("./named.ts"))
    // One that stands elsewhere leads to what is beside it. The project's settings can't name such a one.
    const isOurs = regions.some((region) => isWithin(region, here))
    return yield* named(isOurs ? place : { ...place, regions: [...regions, dirname(here)] }, here, basename(here))
  }
)
