/** The init itself, as a process of this machine, and the socket it may speak to. */
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { prebuilt } from "../../src/slot/initBinary.ts"
import * as InitConnection from "../../src/slot/InitConnection.ts"
import * as Outlet from "../../src/slot/Outlet.ts"

const directory = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "rgrid-outlet-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

const init = (outlet: string) =>
  Effect.acquireRelease(
    Effect.sync(() => spawn(prebuilt(process.arch)!, ["--host", "--outlet", outlet], { stdio: ["pipe", "pipe", "inherit"] })),
    (child) => Effect.promise(async () => child.exitCode ?? once(child, "exit"))
  )

/** What a script prints by way of the init, and how much of it came by the init's own stdout. */
const printed = (outlet: Outlet.Outlet | null, at: string, count: number) =>
  Effect.gen(function*() {
    const child = yield* init(at)
    let direct = 0
    child.stdout.on("data", (chunk: Buffer) => (direct += chunk.length))
    const link = { readable: child.stdout, writable: child.stdin, ...(outlet === null ? {} : { outlet }) }
    const connection = yield* InitConnection.make("slot-1", link)
    yield* connection.ready
    const argv = ["sh", "-c", `head -c ${count} /dev/zero`] as [string, ...Array<string>]
    const run = yield* connection.run({ argv, env: { PATH: "/usr/bin:/bin" }, deadline: Duration.minutes(1) }, "/")
    const taken = yield* Stream.runFold(run.output, () => 0, (sum, { bytes }) => sum + bytes.length)
    return { taken, direct, code: (yield* run.exit).code }
  })

const refused = (path: string) =>
  Effect.promise(() =>
    new Promise<string>((resolve) => {
      const socket = connect(path, () => resolve("connected"))
      socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""))
    })
  )

describe.skipIf(process.platform !== "linux")("the init's outlet", () => {
  it.live("carries every byte, and its stdout none", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "outlet")
      const outlet = yield* Outlet.make(path)
      const { code, direct, taken } = yield* printed(outlet, path, 20_000_000)
      assert.deepStrictEqual({ code, direct, taken }, { code: 0, direct: 0, taken: 20_000_000 })
    }).pipe(Effect.scoped))

  it.live("is done without where nobody answers", () =>
    Effect.gen(function*() {
      const { code, direct, taken } = yield* printed(null, join(yield* directory, "nobody"), 100_000)
      assert.deepStrictEqual({ code, taken }, { code: 0, taken: 100_000 })
      assert.isAbove(direct, taken)
    }).pipe(Effect.scoped))

  it.live("takes nobody else once the init has come, and nobody at all when closed", () =>
    Effect.gen(function*() {
      const folder = yield* directory
      const [used, closed] = [join(folder, "used"), join(folder, "closed")]
      yield* printed(yield* Outlet.make(used), used, 1)
      const other = yield* Outlet.make(closed)
      yield* other!.close
      assert.deepStrictEqual([yield* refused(used), yield* refused(closed)], ["ENOENT", "ENOENT"])
    }).pipe(Effect.scoped))

  it.live("is not to be had at a path too long for a socket", () =>
    Effect.gen(function*() {
      assert.isNull(yield* Outlet.make(join(yield* directory, "x".repeat(120))))
    }).pipe(Effect.scoped))
})
