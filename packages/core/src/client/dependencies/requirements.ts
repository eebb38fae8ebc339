/** A requirements file, with the files that it includes and the archives it names. */
import * as Effect from "effect/Effect"
import { readdirSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { Declared, type Place } from "./Declared.ts"
import { type Refusal, replaced } from "./local.ts"
import { isAddress, isArchive, type Line, linesOf } from "./requirementLines.ts"

interface Reading {
  readonly declared: Declared
  /** Of the declaration itself. */
  readonly directory: string
  /** Included files that are read, and their paths as sent. */
  readonly included: Map<string, string>
  packages: number
}

const include = Effect.fnUntraced(function*(
  reading: Reading,
  { option, target }: Extract<Line, { _tag: "Include" }>,
  from: string,
  counts: boolean
): Effect.fn.Return<ReadonlyArray<string>, Refusal> {
  if (isAddress(target) && !/^file:/i.test(target)) return [`${option} ${target}`]
  const here = resolve(dirname(from), target.replace(/^file:(?:\/\/(?=\/))?/i, ""))
  const known = reading.included.get(here)
  if (known !== undefined) return [`${option} ${pathFrom(reading, from, known)}`]
  const path = `requirements/${reading.included.size}.txt`
  reading.included.set(here, path)
  yield* file(reading, here, path, reading.declared.shown(from), counts && option === "-r")
  return [`${option} ${pathFrom(reading, from, path)}`]
})

/** Includes are relative to the file that they stand in. */
const pathFrom = ({ included }: Reading, from: string, path: string): string =>
  included.get(from) === "requirements.txt" ? path : path === "requirements.txt" ? `../${path}` : path.slice("requirements/".length)

/** A directory of archives is sent with its archives; a page of them stays an address. */
const links = Effect.fnUntraced(function*(reading: Reading, { target, text }: Extract<Line, { _tag: "Links" }>, from: string) {
  if (isAddress(target) && !/^file:/i.test(target)) return [text]
  const { declared, directory } = reading
  const path = target.replace(/^file:(?:\/\/(?=\/))?/i, "")
  const places = [directory, declared.place.cwd, dirname(from)].map((base) => resolve(base, path))
  const here = places.find((place) => declared.place.disk.kind(place) === "directory")
  if (here === undefined) return yield* declared.missing(places[0]!, declared.shown(from))
  const archives = readdirSync(here).filter(isArchive).toSorted()
  yield* Effect.forEach(archives, (name) => declared.archive(join(here, name), "links"), { discard: true })
  return archives.length === 0 ? [] : ["--find-links ./links"]
})

const line = (reading: Reading, one: Line, from: string, counts: boolean): Effect.Effect<ReadonlyArray<string>, Refusal> => {
  switch (one._tag) {
    case "Written":
      if (one.counts && counts) reading.packages++
      return Effect.succeed([one.text])
    case "Include":
      return include(reading, one, from, counts)
    case "Links":
      return links(reading, one, from)
    case "Local": {
      const bases = [reading.directory, reading.declared.place.cwd, dirname(from)]
      return Effect.tap(
        replaced(reading.declared, one.reference, bases, reading.declared.shown(from)),
        (lines) => Effect.sync(() => { reading.packages += counts ? lines.length : 0 })
      )
    }
  }
}

const file = Effect.fnUntraced(function*(
  reading: Reading,
  here: string,
  path: string,
  from: string | null,
  counts: boolean
): Effect.fn.Return<void, Refusal> {
  const { declared } = reading
  const text = yield* declared.read(here)
  if (text === null) return yield* declared.missing(here, from)
  // Its place among the files is before what it includes.
  declared.text(path, "")
  const lines = yield* Effect.forEach(linesOf(text), (one) => line(reading, one, here, counts))
  declared.text(path, lines.flat().join("\n"))
})

export const requirements = Effect.fnUntraced(function*(place: Place, here: string) {
  const declared = new Declared(place, here)
  const included = new Map([[here, "requirements.txt"]])
  const reading: Reading = { declared, directory: dirname(here), included, packages: 0 }
  yield* file(reading, here, "requirements.txt", null, true)
  return declared.result({ kind: "requirements", packages: reading.packages })
})
