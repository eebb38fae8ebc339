/** A server that starts Postgres in the directory it is given, says so, and waits to be killed. */
import * as Effect from "effect/Effect"
import { EmbeddedPostgres, layer } from "../../src/adapters/postgres/EmbeddedPostgres.ts"

const program = Effect.gen(function*() {
  const { pid } = yield* (yield* EmbeddedPostgres).status
  process.stdout.write(`${pid}\n`)
  return yield* Effect.never
})

void Effect.runPromise(program.pipe(Effect.provide(layer({ dataDirectory: process.argv[2] ?? "" }))))
