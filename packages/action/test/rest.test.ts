/** A GitHub that takes a request and never answers. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { type Asking, putComment, setStatus } from "../src/rest.ts"

const silent = Effect.acquireRelease(
  Effect.promise(async () => {
    const [asked, left] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const server = createServer((incoming) => {
      asked.resolve()
      incoming.on("close", () => left.resolve())
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    return { server, api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: asked.promise, left: left.promise }
  }),
  ({ server }) =>
    Effect.sync(() => {
      server.closeAllConnections()
      server.close()
    })
)

const about = { owner: "o", repo: "r", sha: "c".repeat(40), pullRequest: 1, runUrl: "", commitUrl: "", job: "", workflow: "", token: "t" }

const status = (where: Asking) => setStatus(where, { context: "c", state: "success", description: "" })
const comment = (where: Asking) => putComment(where, 1, "name", "text")

describe("a GitHub that does not answer", () => {
  it.effect.each([status, comment])("is left in the end", (ask) =>
    Effect.gen(function*() {
      const { api, asked, left } = yield* silent
      const asking = yield* Effect.forkChild(Effect.flip(ask({ ...about, api })))
      yield* Effect.promise(() => asked)
      yield* TestClock.adjust("3 minutes")
      const { _tag, detail } = yield* Fiber.join(asking)
      assert.deepStrictEqual([_tag, detail], ["GitHubRefused", "no answer in 3 minutes"])
      yield* Effect.promise(() => left)
    }))
})
