/** Where nothing tells what runs a script and somebody sits there, they are asked. */
import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import { RuntimeUndetected } from "rgrid/client/errors"
import type { RunRequest } from "rgrid/client/prepare"
import { runtimes } from "rgrid/runtimes/resolve"

/** The question is drawn on stdout: it must lead to eyes, not into a file. */
const isThere = (json: boolean): boolean => !json && process.stdin.isTTY && process.stdout.isTTY

const ask = (error: RuntimeUndetected) =>
  Prompt.Select({
    message: `What runs ${error.script}?`,
    choices: runtimes.map(({ brings, name }) => ({ title: name, value: name, description: brings }))
    // Leaving the question is leaving it unanswered.
  }).pipe(Effect.mapError(() => error))

/** `prepare`, once more with the answer where nothing else tells. */
export const asking = <Request extends RunRequest, A, E, R>(
  request: Request,
  json: boolean,
  prepare: (request: Request) => Effect.Effect<A, E | RuntimeUndetected, R>
) =>
  prepare(request).pipe(
    Effect.catchIf(
      (error) => error instanceof RuntimeUndetected,
      (error) =>
        isThere(json)
          ? Effect.flatMap(ask(error), (runtime) => prepare({ ...request, runtime }))
          : Effect.fail(error)
    )
  )
