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

const found = Effect.fnUntraced(function*({ cwd, script }: Asked): Effect.fn.Return<Installing, Refusal> {
  const source = script.bytes === undefined ? "" : new TextDecoder().decode(script.bytes)
  const language = languageOf(script.here, source)
  if (language === undefined) return nothing
  const place: Place = { cwd, disk: makeDisk(), isNamed: false, regions: regionsOf(cwd, dirname(script.here)) }
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
    const { cwd, requirements } = asked
    if (requirements === "none") return nothing
    if (requirements === undefined) return yield* found(asked)
    const here = resolve(cwd, requirements)
    const place: Place = { cwd, disk: makeDisk(), isNamed: true, regions: [dirname(here)] }
    const { named } = yield* Effect.promise(() => import("./named.ts"))
    return yield* named(place, here, basename(here))
  }
)
