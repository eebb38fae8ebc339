import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { randomUUID } from "node:crypto"
import { bringBack, stagedBy } from "rgrid/client/bringBack"
import { stayOrCancel } from "rgrid/client/canceling"
import * as executions from "rgrid/client/executions"
import { follow, type FollowEvent } from "rgrid/client/follow"
import { prepare, type Prepared } from "rgrid/client/prepare"
import { submit } from "rgrid/client/submit"
import { plain, size } from "../output/format.ts"
import { Tail } from "./bounds.ts"
import { lines, quoted, told } from "./executionWords.ts"
import { reporter, type Reporter } from "./reporter.ts"
import { requestOf, type RunInput, RunInput as input } from "./request.ts"
import { tool } from "./tool.ts"

/** Of each stream. */
const shownBytes = 8 * 1024

const mostListed = 100

interface Seen {
  readonly stdout: Tail
  readonly stderr: Tail
}

const heard = (event: FollowEvent, seen: Seen, report: Reporter): Effect.Effect<void> => {
  switch (event._tag) {
    case "Output":
      seen[event.stream].add(event.bytes)
      return report.heard(event.bytes)
    case "NewAttempt":
      return report.say(`A worker was lost; attempt ${event.attempt} begins.`)
    case "Reconnecting":
      return report.say("The connection was lost; it is tried again.")
    default:
      return Effect.void
  }
}

const watch = (id: string, seen: Seen, report: Reporter) =>
  follow(id).pipe(
    Stream.tap((event) => heard(event, seen, report)),
    Stream.filter((event) => event._tag === "Ended"),
    Stream.runLast
  )

const landed = Effect.fnUntraced(function*(
  { execution, outputs: listed }: Extract<FollowEvent, { readonly _tag: "Ended" }>,
  { began: since, spec }: Prepared,
  landing: string | null
) {
  const where = landing === null ? { directory: spec.cwd, staged: stagedBy(spec) } : { directory: landing }
  const { beside, refused, written } = yield* bringBack(execution, { ...where, since, listed })
  return { directory: where.directory, written, refused, beside }
})

type Landed = Effect.Success<ReturnType<typeof landed>>

const filesLine = ({ directory, refused, written }: Landed): string =>
  lines(
    written.length === 0
      ? ""
      : `Files written below ${directory}: ${
        written.slice(0, mostListed).map(({ bytes, path }) => `${plain(path)} (${size(bytes)})`).join(", ")
      }${written.length > mostListed ? `, and ${written.length - mostListed} more` : ""}`,
    refused.length === 0
      ? ""
      : `Not written: ${refused.slice(0, mostListed).map(({ path, reason }) => `${plain(path)}: ${reason}`).join("; ")}`
  )

const bounded = (files: Landed) => ({
  directory: files.directory,
  written: files.written.slice(0, mostListed),
  writtenCount: files.written.length,
  refused: files.refused.slice(0, mostListed),
  beside: files.beside.slice(0, mostListed)
})

const handle = Effect.fnUntraced(function*(asked: RunInput) {
  const report = yield* reporter
  const { landing, request } = yield* requestOf(asked)
  const prepared = yield* prepare(request)
  const seen: Seen = { stdout: new Tail(shownBytes), stderr: new Tail(shownBytes) }
  // Who gives the call up wants no result: nobody would read it.
  const { id, last } = yield* stayOrCancel(
    { submitting: submit(prepared, { idempotencyKey: randomUUID() }), idOf: (sent) => sent.id },
    Effect.fnUntraced(function*({ id }) {
      yield* report.say(`${id} is queued.`)
      const waited = yield* watch(id, seen, report).pipe(Effect.timeoutOption(Duration.seconds(asked.waitSeconds ?? 50)))
      return { id, last: Option.getOrUndefined(Option.flatten(waited)) }
    })
  )
  const files = last === undefined || asked.outputs === "grid" ? null : yield* landed(last, prepared, landing)
  const words = yield* told(last?.execution ?? (yield* executions.get(id)))
  const [stdout, stderr] = [seen.stdout.bounded(), seen.stderr.bounded()]
  return {
    text: lines(words.text, quoted("stdout", stdout), quoted("stderr", stderr), files === null ? "" : filesLine(files)),
    data: { id, ...words.data, stdout, stderr, files: files === null ? null : bounded(files) }
  }
})

export const run = tool({
  name: "run",
  title: "Run a script",
  description:
    "Run a script of this machine on the grid as if it ran here: same arguments, same output, files it makes appear " +
    "here. Waits for its end and answers with exit code, the end of stdout and stderr, and the files. A script that " +
    "fails is an answer too, with the cause. When it takes longer than waitSeconds it goes on, and the answer has its id.",
  input,
  handle
})
