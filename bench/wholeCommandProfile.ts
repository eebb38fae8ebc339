import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { rgridProgram, type TestGrid } from "../e2e/harness.ts"
import { clientOf, environment, python3 } from "./grid.ts"
import { command, median } from "./measure.ts"
import { gridMoments, inEach, now, repeated } from "./profiling.ts"
import { type Happened, timeline } from "./timeline.ts"

/** A whole `rgrid run`, with the marks it leaves; ids are the same to a reader. */
const marked = (grid: TestGrid, place: string): Promise<{ readonly id: string; readonly start: number; readonly at: Map<string, number> }> =>
  new Promise((resolve, reject) => {
    const file = join(place, "marks.json")
    const marks = join(dirname(fileURLToPath(import.meta.url)), "marks.mjs")
    const env = { ...environment(grid), RGRID_BENCH_MARKS: file }
    const at = new Map<string, number>()
    const start = now()
    const argv = ["--import", marks, rgridProgram, "run", "hello.py"]
    const child = spawn(process.execPath, argv, { cwd: place, env, stdio: ["ignore", "pipe", "inherit"] })
    child.stdout.once("data", () => at.set("shell: sees the first line", now()))
    child.on("close", (code) => {
      if (code !== 0) return reject(new Error(`rgrid run exited with ${code}`))
      at.set("shell: sees the exit", now())
      const found: ReadonlyArray<readonly [string, number]> = JSON.parse(readFileSync(file, "utf8"))
      const id = found.map(([label]) => /exec_[0-9a-z]+/.exec(label)?.[0]).find((id) => id !== undefined)
      for (const [label, time] of found) at.set(`client: ${label.replaceAll(/exec_[0-9a-z]+/g, "ID").replace(/\?.*/, "")}`, time)
      if (id === undefined) reject(new Error("it asked for no execution"))
      else resolve({ id, start, at })
    })
  })

const commandIn = (grid: TestGrid, place: string) =>
  Effect.gen(function*() {
    const context = yield* Layer.build(clientOf(grid))
    const once = async (): Promise<Happened> => {
      const { at, id, start } = await marked(grid, place)
      for (const [label, time] of await Effect.runPromise(gridMoments(id).pipe(Effect.provideContext(context)))) at.set(label, time)
      return new Map([...at].map(([label, time]) => [label, time - start]))
    }
    const taken = yield* Effect.promise(() => repeated(once))
    const argv = [rgridProgram, "--version"]
    const version = yield* Effect.promise(() => repeated(command(process.execPath, argv, place, environment(grid))))
    const python = yield* Effect.promise(() => repeated(command(python3, ["hello.py"], place)))
    return `${timeline(taken)}\n\nFor comparison: \`rgrid --version\` ${median(version).toFixed(0)} ms, ` +
      `\`python3 hello.py\` ${median(python).toFixed(0)} ms.`
  }).pipe(Effect.scoped, Effect.runPromise)

export const profileOfCommand = inEach("whole-command", commandIn)
