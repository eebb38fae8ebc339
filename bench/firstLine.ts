import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { ClientLive, Connection, follow, prepare, submit } from "rgrid/effect"
import { hasDocker } from "../scripts/testing/docker.ts"
import { TestGrid } from "../e2e/harness.ts"
import { firstByte, inTurn, type Row } from "./measure.ts"

const once = (cwd: string) =>
  Effect.gen(function*() {
    const start = performance.now()
    const request = { script: "hello.py", args: [], cwd, env: {}, secrets: {} }
    const { id } = yield* submit(yield* prepare(request))
    let first = Number.NaN
    yield* Stream.runForEach(follow(id), (event) =>
      Effect.sync(() => {
        if (event._tag === "Output" && Number.isNaN(first)) first = performance.now() - start
      }))
    return first
  }).pipe(Effect.scoped)

/** Submitting to the first line on a warm grid, no command line, against the same of a local `python3`. */
export const firstLine = async (): Promise<ReadonlyArray<Row>> => {
  const rows: Array<Row> = []
  for (const sandbox of hasDocker ? (["docker", "process"] as const) : (["process"] as const)) {
    const grid = new TestGrid()
    try {
      await grid.up(sandbox)
      const place = grid.workplace()
      writeFileSync(join(place, "hello.py"), "print('hello')\n")
      const { key, url } = grid.file()
      const connection = Layer.succeed(Connection, { url, key: Redacted.make(key), local: true })
      const live = ClientLive.pipe(Layer.provide(connection))
      const measured = await inTurn(
        () => Effect.runPromise(once(place).pipe(Effect.provide(live))),
        firstByte("python3", ["hello.py"], place),
        15
      )
      rows.push({ name: "first line", what: `submit to first line (${sandbox}) against python3`, unit: "ms", ...measured })
    } finally {
      await grid.down()
    }
  }
  return rows
}
