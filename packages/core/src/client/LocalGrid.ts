/** The grid of this machine as its callers see it: found when it is up, else started by the program `rgrid`. */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import { spawn, type SpawnOptions } from "node:child_process"
import { Health } from "../api/Health.ts"
import { GridNotStarted } from "./errors.ts"
import { type GridFile, gridDirectory, read } from "./gridFile.ts"
import { programBeside } from "./programBeside.ts"

export interface LocalGrid {
  readonly url: string
  readonly key: string
}

/** A local grid answers in milliseconds; what takes longer is hung. */
const patience = "2 seconds"

/**
 * Whether this very grid answers. Health is asked first, so that the key is not shown to any other program that happens
 * to listen on the port.
 */
export const answers = (grid: LocalGrid): Effect.Effect<boolean, never, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const http = yield* HttpClient.HttpClient
    const health = yield* http.get(`${grid.url}/health`).pipe(
      Effect.flatMap(HttpClientResponse.schemaBodyJson(Health))
    )
    if (health.status !== "ok") return false
    const asked = HttpClientRequest.post(`${grid.url}/api/v1/auth/validate`).pipe(
      HttpClientRequest.bearerToken(grid.key)
    )
    return (yield* http.execute(asked)).status === 200
  }).pipe(
    Effect.timeoutOption(patience),
    Effect.map(Option.getOrElse(() => false)),
    Effect.orElseSucceed(() => false)
  )

const found = (grid: Option.Option<GridFile>) =>
  Option.match(grid, {
    onNone: () => Effect.succeed(Option.none<LocalGrid>()),
    onSome: ({ url, key }) => Effect.map(answers({ url, key }), (up) => up ? Option.some({ url, key }) : Option.none())
  })

/** The grid of this machine, if it is up. */
export const find: Effect.Effect<Option.Option<LocalGrid>, never, HttpClient.HttpClient> = Effect.suspend(() =>
  read(gridDirectory())
).pipe(Effect.flatMap(found))

/** `RGRID_BIN`, else the program that comes with this package. */
const program = (): string | null => process.env["RGRID_BIN"] || programBeside()

/** A grid runs on Node, whatever runs its caller. */
const node = (): string =>
  process.versions.bun === undefined && process.versions["electron"] === undefined ? process.execPath : "node"

const notStarted = (detail: string) => new GridNotStarted({ detail, log: null })

/** `rgrid up --json` prints one document either way: the grid, or `{ error: { what, … } }`. */
const complaint = (stdout: string, stderr: string): string => {
  try {
    const document: unknown = JSON.parse(stdout)
    const { error } = document as { readonly error?: { readonly why?: unknown; readonly what?: unknown } }
    const said = error?.why ?? error?.what
    if (typeof said === "string") return said
  } catch {
    // Not JSON: the program did not come as far as that; what it wrote on stderr is all there is.
  }
  return stderr.trim().split("\n").at(-1) || "the program that starts it ended without a word"
}

/** Of the caller's own options only these hold for another program: `--eval` would run the caller's code once more. */
const conditions = (options: ReadonlyArray<string>): ReadonlyArray<string> =>
  options.filter((option, i) =>
    /^(?:--conditions|-C)(?:=|$)/.test(option) || /^(?:--conditions|-C)$/.test(options[i - 1] ?? "")
  )

/** Another program than a script of ours is run as it is. */
const commandOf = (bin: string): ReadonlyArray<string> =>
  /\.[cm]?[jt]s$/.test(bin) ? [node(), ...conditions(process.execArgv), bin] : [bin]

/** What the program says on stdout and, for people, on stderr. */
interface Heard {
  readonly stdout: string
  readonly stderr: string
}

type Surroundings = Pick<SpawnOptions, "cwd" | "env">

const runUp = (
  [program, ...args]: ReadonlyArray<string>,
  around: Surroundings
): Effect.Effect<Heard, GridNotStarted> =>
  Effect.callback((resume, signal) => {
    const child = spawn(program!, [...args, "up", "--json"], { ...around, stdio: ["ignore", "pipe", "pipe"], signal })
    const heard = { stdout: "", stderr: "" }
    child.stdout.setEncoding("utf8").on("data", (text: string) => heard.stdout += text)
    child.stderr.setEncoding("utf8").on("data", (text: string) => heard.stderr += text)
    child.once("error", (error) => resume(Effect.fail(notStarted(`${program}: ${error.message}`))))
    child.once("close", (code) =>
      resume(code === 0 ? Effect.succeed(heard) : Effect.fail(notStarted(complaint(heard.stdout, heard.stderr)))))
  })

/** Starts the grid of this machine by a command that does what `rgrid` does; `said`: what it says to people. */
export const startBy = Effect.fnUntraced(function*(command: ReadonlyArray<string>, around: Surroundings = {}) {
  const { stderr } = yield* runUp(command, around)
  return yield* Option.match(yield* read(gridDirectory()), {
    onNone: () => Effect.fail(notStarted(`${command.join(" ")} up told of no grid`)),
    onSome: ({ url, key }) => Effect.succeed({ grid: { url, key } satisfies LocalGrid, said: stderr })
  })
})

const startIt = Effect.gen(function*() {
  const bin = program()
  if (bin === null) return yield* notStarted("the program rgrid is not installed beside the library")
  return (yield* startBy(commandOf(bin))).grid
})

/** The grid of this machine; started when it is not up. Blocks until it takes work. Many calls at once start one. */
export const ensure: Effect.Effect<LocalGrid, GridNotStarted, HttpClient.HttpClient> = find.pipe(
  Effect.flatMap(Option.match({ onNone: () => startIt, onSome: (grid) => Effect.succeed(grid) }))
)
