/** Waiting until a grid that was just started takes work. */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { Worker } from "rgrid/api/Account"
import { GridNotStarted } from "rgrid/client/errors"
import type { GridFile } from "rgrid/client/gridFile"
import { answers } from "rgrid/client/LocalGrid"
import { distill } from "./diagnose.ts"
import { find } from "./processes.ts"

const decodeWorkers = HttpClientResponse.schemaBodyJson(Schema.Array(Worker))

/** The workers connected to a grid. None when it does not answer. */
const workers = (grid: GridFile): Effect.Effect<ReadonlyArray<Worker>, never, HttpClient.HttpClient> =>
  HttpClient.execute(HttpClientRequest.get(`${grid.url}/api/v1/workers`).pipe(HttpClientRequest.bearerToken(grid.key)))
    .pipe(Effect.flatMap(decodeWorkers), Effect.timeout("2 seconds"), Effect.orElseSucceed(() => []))

const tail = (path: string): Effect.Effect<string> =>
  Effect.promise(() => readFile(path, "utf8").then((text) => text.slice(-16_384), () => ""))

/** A part that ended so often will not come up by itself. */
const deaths = 4

const failed = Effect.fnUntraced(function*(directory: string, part: "server" | "runner") {
  const log = join(directory, "logs", `${part}.log`)
  const said = distill(yield* tail(log))
  return new GridNotStarted({ detail: said ?? `its ${part} did not come up and says nothing about it`, log })
})

/** Fails early when the keeper is gone or one of its children ends again and again. */
const checkKeeper = Effect.fnUntraced(function*(directory: string) {
  const log = join(directory, "logs", "keeper.log")
  const text = yield* tail(log)
  for (const part of ["server", "runner"] as const) {
    if (text.split(`${part} ended`).length > deaths) return yield* yield* failed(directory, part)
  }
  if (text.includes("stopped")) return yield* new GridNotStarted({ detail: "it was stopped while it started", log })
})

const poll = Effect.fnUntraced(function*(directory: string, grid: GridFile) {
  if (yield* answers(grid)) {
    const [first] = yield* workers(grid)
    if (first !== undefined) return first
  }
  yield* checkKeeper(directory)
  return null
})

/** The first worker, once the grid answers and has one. */
export const awaitReady = Effect.fnUntraced(function*(directory: string, grid: GridFile, limit: `${number} seconds`) {
  const ready = yield* poll(directory, grid).pipe(
    Effect.repeat({ schedule: Schedule.spaced("50 millis"), until: (worker) => worker !== null }),
    Effect.timeoutOrElse({ duration: limit, orElse: () => Effect.succeed(null) })
  )
  if (ready !== null) return ready
  return yield* yield* failed(directory, (yield* answers(grid)) ? "runner" : "server")
})

/** A keeper that lives brings a killed server back within two seconds: whoever finds it away waits that long. */
export const comesBack = Effect.fnUntraced(function*(directory: string, grid: GridFile) {
  if ((yield* find(directory, "keeper")) === null) return null
  return yield* Effect.orElseSucceed(awaitReady(directory, grid, "10 seconds"), () => null)
})
