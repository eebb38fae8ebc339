/** From words to an exit code: every way in which a command ends is told here, and none with a stack trace. */
import * as Cause from "effect/Cause"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import { closeSync, openSync, readSync, statSync } from "node:fs"
import { arrange, type Flags, flagsOf, runs, verbOf, withSettings } from "./argv.ts"
import { run } from "./commands/run.ts"
import { Exit } from "./exit.ts"
import { exitCodes } from "rgrid/client/exitCodes"
import * as stdio from "./output/stdio.ts"
import { over } from "./root.ts"
import { projectSettings } from "./settings.ts"
import { version } from "./version.ts"

/** Far more than a script whose text matters has. */
const enough = 4 * 1024 * 1024

/** Latin-1: flags are ASCII, and no byte is refused. A script that can't be read is refused later, with a reason. */
const textOf = (script: string): string => {
  try {
    // Opening a pipe would wait for it, and take what it says from whoever reads it later.
    if (!statSync(script).isFile()) return ""
    const file = openSync(script, "r")
    const buffer = Buffer.alloc(enough)
    const length = readSync(file, buffer, 0, enough, 0)
    closeSync(file)
    return buffer.toString("latin1", 0, length)
  } catch {
    return ""
  }
}

const wantsJson = (argv: ReadonlyArray<string>): boolean => {
  const end = argv.indexOf("--")
  return (end < 0 ? argv : argv.slice(0, end)).includes("--json")
}

const endWith = (json: boolean) => (cause: Cause.Cause<unknown>): Effect.Effect<void, Exit> => {
  if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
  const error = Cause.squash(cause)
  if (error instanceof Exit) return Effect.fail(error)
  if (error instanceof stdio.PipeClosed) return Effect.fail(new Exit({ code: exitCodes.pipe }))
  return Effect.flatMap(Effect.promise(() => import("./failed.ts")), (failed) => failed.endWith(cause, json))
}

/** A wrong word in a command is one sentence, not a page of help with the sentence at its end. */
const presenter = CliOutput.layerPresenter({
  present: (event) => event._tag === "InvalidInvocation" ? Effect.void : CliOutput.defaultPresenter.present(event)
})

// The wizard would ask for a script's arguments one by one; completions have a command.
const unwanted: ReadonlyArray<GlobalFlag.BuiltIn> = [GlobalFlag.Wizard, GlobalFlag.Completions]
const config = CliConfig.layer({ builtIns: GlobalFlag.BuiltIns.filter((flag) => !unwanted.includes(flag)) })

/** The words with what the project's file adds to them. */
const completed = Effect.fnUntraced(function*(argv: ReadonlyArray<string>, flags: Flags) {
  return runs(argv, flags) ? withSettings(argv, flags, yield* projectSettings(argv, flags)) : argv
})

/** The tree as far as the words need it: what runs scripts must not wait until everything else is loaded. */
const tree = (words: ReadonlyArray<string>): Effect.Effect<Command.Command<"rgrid", {}, {}, unknown, Command.Environment>> =>
  verbOf(words) === "run"
    ? Effect.succeed(over([run]))
    : Effect.map(Effect.promise(() => import("./cli.ts")), ({ cli }) => cli)

/** Runs one command. Fails only with the exit code, after everything was said. */
export const main = Effect.fnUntraced(function*(words: ReadonlyArray<string>) {
  const cli = yield* tree(words)
  const flags = flagsOf(cli, "run")
  const argv = arrange(words, flags, textOf)
  return yield* completed(argv, flags).pipe(
    Effect.flatMap(Command.runWith(cli, { version })),
    Effect.provide([presenter, config]),
    Effect.catchCause(endWith(wantsJson(argv)))
  )
})
