/** From the arguments of a call to what `client/prepare.ts` takes. */
import * as Effect from "effect/Effect"
import { resolve } from "node:path"
import { picked } from "../client/picked.ts"
import type { RunRequest } from "../client/prepare.ts"
import { checkJob, checkScript } from "./check.ts"
import type { InlineCode, JobOptions } from "./options.ts"
import { withProject } from "./project.ts"

/** A call in one shape, whichever way it was written. */
export interface Wanted<Options> {
  /** Its path; null for code that is no file. */
  readonly script: string | null
  readonly inline: InlineCode | null
  readonly args: ReadonlyArray<string>
  readonly options: Options
}

export const wanted = <Options>(
  script: string | (InlineCode & Options),
  args: ReadonlyArray<string> = [],
  options?: Options
): Wanted<Options> =>
  typeof script === "string"
    ? { script, inline: null, args, options: options ?? ({} as Options) }
    : { script: null, inline: script, args: script?.args ?? [], options: script ?? {} }

/** Most scripts are files. */
const inHand = Effect.fnUntraced(function*(inline: InlineCode | null, { inputs, runtime }: JobOptions, cwd: string) {
  if (inline === null && inputs === undefined) return { code: null, given: [] }
  const { givenFiles, inlineScript } = yield* Effect.promise(() => import("../client/inline.ts"))
  return {
    code: inline === null ? null : yield* inlineScript(inline, cwd, runtime),
    given: yield* givenFiles(inputs ?? {}, cwd)
  }
})

/** The job, and the options with what the project says. The scope holds what is no file here. */
export const jobOf = Effect.fnUntraced(function*<Options extends JobOptions>({ args, inline, options: own, script }: Wanted<Options>) {
  yield* checkScript(script, inline, args)
  yield* checkJob(own)
  const cwd = resolve(own.cwd ?? process.cwd())
  const options = yield* withProject(own, cwd)
  const { code, given } = yield* inHand(inline, options, cwd)
  const request: RunRequest = {
    script: code?.there ?? script ?? "",
    args,
    cwd,
    env: options.env ?? {},
    secrets: options.secrets ?? {},
    given,
    ...(code === null ? {} : { inline: code }),
    ...(options.memory === undefined ? {} : { memoryBytes: options.memory }),
    ...picked<JobOptions, "runtime" | "cpu" | "network" | "retries" | "metadata" | "include" | "noCache" | "requirements">(
      options,
      "runtime",
      "cpu",
      "network",
      "retries",
      "metadata",
      "include",
      "noCache",
      "requirements"
    )
  }
  return { request, options }
})
