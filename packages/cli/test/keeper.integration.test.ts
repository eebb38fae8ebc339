import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const script = fileURLToPath(new URL("../keeper.sh", import.meta.url))

const dummy = "#!/bin/sh\necho \"$1 up\"\ntrap 'exit 0' TERM\nwhile :; do sleep 0.05; done\n"

interface Kept {
  readonly directory: string
  readonly keeper: ChildProcess
}

/** A keeper of two dummies, ended with the test. */
const kept = (program = dummy) =>
  Effect.acquireRelease(
    Effect.promise(async (): Promise<Kept> => {
      const directory = await mkdtemp(join(tmpdir(), "rgrid-keeper-"))
      await mkdir(join(directory, "logs"))
      await writeFile(join(directory, "dummy"), program)
      await chmod(join(directory, "dummy"), 0o755)
      const keeper = spawn("sh", [script, directory, join(directory, "dummy")], { stdio: "ignore" })
      return { directory, keeper }
    }),
    ({ directory, keeper }) =>
      Effect.promise(async () => {
        await writeFile(join(directory, "stop"), "").catch(() => undefined)
        if (keeper.exitCode === null) await new Promise((resolve) => keeper.once("exit", resolve))
        await rm(directory, { recursive: true, force: true })
      })
  )

const pid = ({ directory }: Kept, part: string) =>
  Effect.promise(async () => Number(await readFile(join(directory, `${part}.pid`), "utf8").catch(() => "0")))

const lives = (process_: number): boolean => {
  try {
    return process_ > 0 && process.kill(process_, 0)
  } catch {
    return false
  }
}

const eventually = <A>(what: string, look: Effect.Effect<A | null | false>, limit: `${number} seconds` = "5 seconds") =>
  look.pipe(
    Effect.repeat({ schedule: Schedule.spaced("20 millis"), until: (found) => found !== null && found !== false }),
    Effect.map((found) => found as A),
    Effect.timeoutOrElse({ duration: limit, orElse: () => Effect.die(new Error(`never: ${what}`)) })
  )

const up = (grid: Kept, part: string, otherThan = 0) =>
  eventually(`${part} up`, Effect.map(pid(grid, part), (found) => found !== otherThan && lives(found) ? found : null))

describe("the keeper", () => {
  it.live("starts a killed child again within two seconds, and leaves the other alone", () =>
    Effect.gen(function*() {
      const grid = yield* kept()
      const server = yield* up(grid, "server")
      const runner = yield* up(grid, "runner")
      process.kill(server, "SIGKILL")
      const killed = Date.now()
      yield* up(grid, "server", server)
      assert.isBelow(Date.now() - killed, 2000)
      assert.strictEqual(yield* pid(grid, "runner"), runner)
    }))

  it.live("ends both and itself at the stop file", () =>
    Effect.gen(function*() {
      const grid = yield* kept()
      const children = [yield* up(grid, "server"), yield* up(grid, "runner")]
      yield* Effect.promise(() => writeFile(join(grid.directory, "stop"), ""))
      yield* eventually("keeper gone", Effect.sync(() => grid.keeper.exitCode !== null))
      assert.deepStrictEqual(children.map(lives), [false, false])
      assert.isFalse(existsSync(join(grid.directory, "keeper.pid")))
    }))

  it.live("ends both on TERM", () =>
    Effect.gen(function*() {
      const grid = yield* kept()
      const children = [yield* up(grid, "server"), yield* up(grid, "runner")]
      grid.keeper.kill("SIGTERM")
      yield* eventually("keeper gone", Effect.sync(() => grid.keeper.exitCode !== null))
      assert.deepStrictEqual(children.map(lives), [false, false])
    }))

  it.live("ends when its directory vanishes", () =>
    Effect.gen(function*() {
      const grid = yield* kept()
      const children = [yield* up(grid, "server"), yield* up(grid, "runner")]
      yield* Effect.promise(() => rm(grid.directory, { recursive: true }))
      yield* eventually("keeper gone", Effect.sync(() => grid.keeper.exitCode !== null))
      assert.deepStrictEqual(children.map(lives), [false, false])
    }))

  it.live("waits longer and longer for a child that can't live", () =>
    Effect.gen(function*() {
      const grid = yield* kept("#!/bin/sh\nexit 1\n")
      yield* Effect.sleep("4500 millis")
      const log = join(grid.directory, "logs", "server.log")
      assert.isTrue(existsSync(log))
      const started = yield* pid(grid, "server")
      yield* Effect.sleep("1200 millis")
      assert.strictEqual(yield* pid(grid, "server"), started)
    }), 10_000)
})
