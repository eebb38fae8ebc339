import * as Schema from "effect/Schema"
import { createRequire } from "node:module"

const Manifest = Schema.Struct({ version: Schema.String })

/** This program's version, as its package says it. */
export const version: string =
  Schema.decodeUnknownSync(Manifest)(createRequire(import.meta.url)("@rgrid/cli/package.json")).version
