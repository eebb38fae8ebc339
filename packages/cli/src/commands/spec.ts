/** `rgrid run --spec`: a job's description as it is, instead of a script. */
import * as Effect from "effect/Effect"
import * as Yaml from "effect/encoding/Yaml"
import * as Schema from "effect/Schema"
import { readFile } from "node:fs/promises"
import { text } from "node:stream/consumers"
import { JobSpec } from "rgrid/domain/JobSpec"
import type { Prepared } from "rgrid/client/prepare"
import { BadInput } from "../input.ts"

const asOne = (text: string): string => text.replace(/\s+/g, " ").trim().replace(/\.$/, "")

const refuse = (path: string, cause: unknown) =>
  new BadInput({
    what: `${path === "-" ? "The job on stdin" : path} describes no job: ${asOne(cause instanceof Error ? cause.message : String(cause))}.`,
    fix: "Mend that; docs/jobspec.schema.json says what a job is made of."
  })

const read = (path: string) =>
  Effect.tryPromise({
    try: () => path === "-" ? text(process.stdin) : readFile(path, "utf8"),
    catch: () => new BadInput({ what: `--spec ${path} can't be read.`, fix: "Check its name." })
  })

const isMapping = Schema.is(Schema.Record(Schema.String, Schema.Unknown))
const decode = Schema.decodeUnknownEffect(JobSpec, { onExcessProperty: "error" })

/** JSON is YAML too. What a job need not say is filled in; the files it names by address must be on the grid. */
export const specIn = Effect.fnUntraced(function*(path: string) {
  const began = Date.now()
  const content = yield* read(path)
  const value = yield* Effect.try({ try: (): unknown => Yaml.parse(content), catch: (cause) => refuse(path, cause) })
  if (!isMapping(value)) return yield* refuse(path, "it is no mapping of names to values")
  const spec = yield* decode({ cwd: process.cwd(), ...value }).pipe(Effect.mapError((error) => refuse(path, error)))
  const prepared: Prepared = { spec, sources: new Map(), began }
  return prepared
})
