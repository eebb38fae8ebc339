import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as executions from "rgrid/client/executions"
import { follow } from "rgrid/client/follow"
import { type Output, readLog } from "rgrid/client/readLog"
import { BadInput } from "../input.ts"
import { LastLines, type Show, Timestamped, verbatim } from "../output/logLines.ts"
import { outputEvent } from "../output/runEvents.ts"
import * as stdio from "../output/stdio.ts"
import * as flags from "./flags.ts"
import { onGrid } from "./onGrid.ts"

const boolean = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

const input = {
  id: flags.id,
  follow: boolean("follow", "Go on until the execution ends").pipe(Flag.withAlias("f")),
  tail: Flag.Int("tail").pipe(Flag.withDescription("Only the last N lines; without N 100"), Flag.optional),
  timestamps: boolean("timestamps", "Put the time since the start before each line"),
  stdout: boolean("stdout", "Only what the script wrote to stdout"),
  stderr: boolean("stderr", "Only what it wrote to stderr"),
  json: flags.json
}

interface Asked {
  readonly id: string
  readonly follow: boolean
  readonly timestamps: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly json: boolean
}

/** What follows behind the bytes that were shown already, stream by stream. */
const behind = (shown: Readonly<Record<Output["stream"], number>>) => {
  const left = { ...shown }
  return (output: Output): Output => {
    const skip = Math.min(left[output.stream], output.bytes.length)
    left[output.stream] -= skip
    return { ...output, bytes: output.bytes.subarray(skip) }
  }
}

/** What is there now, or only its last lines; then, when asked, what comes. */
const reading = ({ id, ...asked }: Asked, tail: number | null) => {
  const both = asked.stdout === asked.stderr
  const wanted = ({ stream }: Output) => both || asked[stream]
  const live = follow(id).pipe(Stream.filter((event) => event._tag === "Output"), Stream.filter(wanted))
  const stored = Stream.filter(readLog(id), wanted)
  if (tail === null) return asked.follow ? live : stored
  return Stream.unwrap(Effect.gen(function*() {
    const last = new LastLines(tail)
    const shown = { stdout: 0, stderr: 0 }
    yield* Stream.runForEach(stored, (output) =>
      Effect.sync(() => {
        shown[output.stream] += output.bytes.length
        last.add(output)
      }))
    const now = Stream.fromIterable(last.all())
    return asked.follow ? Stream.concat(now, Stream.map(live, behind(shown))) : now
  }))
}

const timestamped = <E, R>(outputs: Stream.Stream<Output, E, R>, since: number): Stream.Stream<Output, E, R> => {
  const lines = new Timestamped(since)
  return outputs.pipe(
    Stream.flatMap((output) => Stream.fromIterable(lines.take(output))),
    Stream.concat(Stream.suspend(() => Stream.fromIterable(lines.rest())))
  )
}

const asJson: Show = (output) => stdio.jsonLine(outputEvent(output))

const checkTail = (tail: Option.Option<number>) =>
  Option.isSome(tail) && tail.value < 0
    ? Effect.fail(new BadInput({ what: `--tail ${tail.value} is no number of lines.`, fix: "Give one from 0 up." }))
    : Effect.succeed(Option.getOrNull(tail))

const print = Effect.fnUntraced(
  function*(asked: Asked, tail: number | null) {
    const outputs = reading(asked, tail)
    if (!asked.timestamps) return yield* Stream.runForEach(outputs, asked.json ? asJson : verbatim)
    const { createdAt, startedAt } = yield* executions.get(asked.id)
    const since = DateTime.toEpochMillis(startedAt ?? createdAt)
    yield* Stream.runForEach(timestamped(outputs, since), asked.json ? asJson : verbatim)
  }
)

export const logs = Command.make("logs", input, (asked) =>
  Effect.flatMap(checkTail(asked.tail), (tail) =>
    Effect.flatMap(Effect.andThen(flags.noBatch(asked.id, "logs are"), executions.resolve(asked.id)), (id) => print({ ...asked, id }, tail)).pipe(onGrid))).pipe(
    Command.withDescription("Show an execution's output: stdout to stdout, stderr to stderr, byte for byte"),
    Command.withExamples([
      { command: "rgrid logs ID", description: "All of it" },
      { command: "rgrid logs ID --follow --tail 20", description: "The last lines, then what comes" },
      { command: "rgrid logs ID --timestamps", description: "[00:05] before each line" }
    ])
  )
