/** The grid's processes on this machine. A pid is a hint: nothing is signalled whose command line is not our grid's. */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { execFile } from "node:child_process"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"

export type Part = "keeper" | "server" | "runner"

const firstNumber = async (path: string): Promise<number | null> => {
  const number = Number.parseInt(await readFile(path, "utf8").catch(() => ""), 10)
  return Number.isSafeInteger(number) && number > 1 ? number : null
}

/** Empty for what is gone, and for a zombie. */
const commandLine = async (pid: number): Promise<string> => {
  const linux = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => null)
  if (linux !== null) return linux
  if (process.platform === "linux") return ""
  const listed = await promisify(execFile)("ps", ["-ww", "-o", "args=", "-p", String(pid)]).catch(() => null)
  return listed?.stdout ?? ""
}

const pidOf = async (file: string, directory: string): Promise<number | null> => {
  const pid = await firstNumber(file)
  return pid !== null && (await commandLine(pid)).includes(directory) ? pid : null
}

/** The pid of a part of the grid in `directory`, if that part lives. */
export const find = (directory: string, part: Part): Effect.Effect<number | null> =>
  Effect.promise(() => pidOf(join(directory, `${part}.pid`), directory))

/** Postgres servers of this grid: at most one, wherever the control plane has put it below its data. */
export const findPostgres = (directory: string): Effect.Effect<number | null> =>
  Effect.promise(async () => {
    const data = join(directory, "data")
    const places = await readdir(data, { withFileTypes: true }).catch(() => [])
    const nested = await Promise.all(
      places.filter((place) => place.isDirectory()).map(async ({ name }) => {
        const below = await readdir(join(data, name), { withFileTypes: true }).catch(() => [])
        return [name, ...below.filter((place) => place.isDirectory()).map((place) => join(name, place.name))]
      })
    )
    for (const place of nested.flat()) {
      const pid = await pidOf(join(data, place, "postmaster.pid"), directory)
      if (pid !== null) return pid
    }
    return null
  })

const signal = (pid: number, name: NodeJS.Signals) =>
  Effect.sync(() => {
    try {
      process.kill(pid, name)
    } catch {
      // Gone meanwhile, which is what was wanted; or not ours to end, which the wait for its end will show.
    }
  })

/** True once `pid` is not there any more, false when it still is after `limit`. */
export const gone = (pid: number, directory: string, limit: `${number} seconds`): Effect.Effect<boolean> =>
  Effect.promise(() => commandLine(pid)).pipe(
    Effect.map((line) => !line.includes(directory)),
    Effect.repeat({ schedule: Schedule.spaced("50 millis"), until: (isGone) => isGone }),
    Effect.as(true),
    Effect.timeoutOrElse({ duration: limit, orElse: () => Effect.succeed(false) })
  )

/** Asks `pid` to end, and kills it when it has not within ten seconds. */
export const end = (pid: number | null, directory: string, ask: NodeJS.Signals = "SIGTERM") =>
  pid === null
    ? Effect.void
    : signal(pid, ask).pipe(
      Effect.andThen(gone(pid, directory, "10 seconds")),
      Effect.flatMap((isGone) =>
        isGone ? Effect.void : Effect.andThen(signal(pid, "SIGKILL"), gone(pid, directory, "2 seconds"))
      ),
      Effect.asVoid
    )
