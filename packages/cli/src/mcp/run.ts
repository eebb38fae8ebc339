import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { randomUUID } from "node:crypto"
import { bringBack, stagedBy } from "rgrid/client/bringBack"
import { remarks } from "rgrid/client/broughtBackSentences"
import { stayOrCancel } from "rgrid/client/canceling"
import * as executions from "rgrid/client/executions"
import { follow, type FollowEvent } from "rgrid/client/follow"
import { prepare, type Prepared } from "rgrid/client/prepare"
import { submit } from "rgrid/client/submit"
import { plain, size } from "../output/format.ts"
import { type Bounded, Tail } from "./bounds.ts"
import { bounded, lines, quoted, told } from "./executionWords.ts"
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

const ending = (stream: Tail): Bounded => {
  const { text, totalBytes, truncated } = stream.bounded()
  return { text, totalBytes, truncated }
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
  return { directory: where.directory, brought: yield* bringBack(execution, { ...where, since, listed }) }
})

type Landed = Effect.Success<ReturnType<typeof landed>>

const filesLine = ({ brought: { written }, directory }: Landed): string => {
  if (written.length === 0) return ""
  const names = written.slice(0, mostListed).map(({ bytes, path }) => `${plain(path)} (${size(bytes)})`)
  const more = written.length - names.length
  return `Files written below ${directory}: ${names.join(", ")}${more === 0 ? "" : `, and ${more} more`}`
}

const filesText = (files: Landed | null): string =>
  files === null ? "" : lines(filesLine(files), ...remarks(files.brought))

const filesData = ({ brought, directory }: Landed) => ({
  directory,
  writtenCount: brought.written.length,
  ...bounded(brought, mostListed)
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
  const { stderr, stdout } = { stderr: ending(seen.stderr), stdout: ending(seen.stdout) }
  return {
    text: lines(words.text, quoted("stdout", stdout), quoted("stderr", stderr), filesText(files)),
    data: { id, ...words.data, stdout, stderr, files: files === null ? null : filesData(files) }
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
  // It may do anything, and files it makes take the place of those that are here.
  destructive: true,
  handle
})
